from __future__ import annotations

import io
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from traceledger.errors import UsageError
from traceledger.labels.drawing import Style, draw_labels
from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label, Line
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.png import draw_png
from traceledger.labels.svg import draw_svg
from traceledger.labels.symbol import QUIET, Correction, make_symbol
from traceledger.labels.terminal import draw_terminal

LINK = "https://id.example/01/09521234543213/21/7KQ2X4PM9ATRWC"
LABEL = Label(
    LINK,
    (
        Line("再制造 / Remanufactured", 1.2, "bold"),
        Line("重庆雨翔智能科技有限公司"),
        Line("GB/T 39895"),
        Line("id.example"),
        Line("7KQ2 X4PM 9ATR WC", 1.4, "bold"),
    ),
)
SVG = "{http://www.w3.org/2000/svg}"
MM_PER_INCH = 25.4
FONTS = Fonts()

Draw = Callable[[Correction, int], Image.Image]


def png(correction: Correction, dpi: int) -> Image.Image:
    data = draw_png(LABEL, make_symbol(LINK, correction), dpi, FONTS)
    return Image.open(io.BytesIO(data)).convert("L")


def svg(correction: Correction, dpi: int) -> Image.Image:
    """Renders the path in printer dots, as the printer's rasteriser does."""
    root = ET.fromstring(draw_svg(LABEL, make_symbol(LINK, correction), dpi, FONTS))  # noqa: S314 - ours
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    millimetres = float(root.attrib["width"].removesuffix("mm"))
    dots = round(millimetres / MM_PER_INCH * dpi / width)
    image = Image.new("L", (width * dots, height * dots), 255)
    drawing = ImageDraw.Draw(image)
    path = root.find(f"{SVG}path")
    assert path is not None
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.attrib["d"])
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs) == path.attrib["d"]
    for x, y, length in (map(int, run) for run in runs):
        box = (x * dots, y * dots, (x + length) * dots - 1, (y + 1) * dots - 1)
        drawing.rectangle(box, fill=0)
    return image


def read(image: Image.Image) -> list[str]:
    return [symbol.text for symbol in zxingcpp.read_barcodes(image)]


@pytest.fixture(params=[png, svg], ids=["png", "svg"])
def draw(request: pytest.FixtureRequest) -> Draw:
    function: Draw = request.param
    return function


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("correction", ["Q", "H"])
def test_label_is_read_back_as_it_is_printed(draw: Draw, correction: Correction, dpi: int) -> None:
    assert read(draw(correction, dpi)) == [LINK]


@pytest.mark.parametrize("angle", [3, 45, 90, 180, 271])
def test_rotated_label_is_read_back(draw: Draw, angle: int) -> None:
    rotated = draw("Q", 300).rotate(angle, expand=True, fillcolor=255)
    assert read(rotated) == [LINK]


def test_blurred_label_is_read_back(draw: Draw) -> None:
    assert read(draw("Q", 300).filter(ImageFilter.GaussianBlur(2.5))) == [LINK]


@pytest.mark.parametrize("share", [0.05, 0.10])
@pytest.mark.parametrize("correction", ["Q", "H"])
@pytest.mark.parametrize("seed", range(4))
def test_label_is_read_back_with_part_of_its_symbol_covered(
    draw: Draw, correction: Correction, share: float, seed: int
) -> None:
    image = draw(correction, 300)
    side = make_symbol(LINK, correction).size
    dots = module_dots(300)
    covered = round(side * share**0.5)
    place = random.Random(seed)
    # Dirt anywhere except on the three finder patterns.
    x, y = (QUIET + place.randint(9, side - 9 - covered) for _ in range(2))
    ImageDraw.Draw(image).rectangle(
        (x * dots, y * dots, (x + covered) * dots - 1, (y + covered) * dots - 1), fill=128
    )
    assert read(image) == [LINK]


@pytest.mark.parametrize(("dpi", "dots"), [(203, 4), (300, 5), (600, 10), (1200, 19)])
def test_module_is_a_whole_number_of_dots_and_large_enough(dpi: int, dots: int) -> None:
    assert module_dots(dpi) == dots
    assert dots * MM_PER_INCH / dpi >= 0.396
    assert (dots - 1) * MM_PER_INCH / dpi < 0.396


@pytest.mark.parametrize("dpi", [0, 99, 2401])
def test_resolution_that_no_label_printer_has_is_refused(dpi: int) -> None:
    with pytest.raises(UsageError):
        module_dots(dpi)


def test_quiet_zone_is_four_modules_wide(draw: Draw) -> None:
    image, dots = draw("Q", 300), module_dots(300)
    layout = lay_out(LABEL, make_symbol(LINK), FONTS)
    symbol = image.crop((0, 0, (make_symbol(LINK).size + 2 * QUIET) * dots, image.height))
    inner = symbol.point(lambda value: 255 - value).getbbox()
    assert inner is not None
    assert inner[:2] == (QUIET * dots, layout.top * dots)
    assert layout.top >= QUIET
    assert inner[3] <= symbol.height - QUIET * dots


def test_png_states_its_resolution() -> None:
    data = draw_png(LABEL, make_symbol(LINK), 203, FONTS)
    assert Image.open(io.BytesIO(data)).info["dpi"] == pytest.approx((203, 203), abs=0.1)


def test_svg_needs_no_font_and_states_its_text() -> None:
    """A printer without Chinese fonts printed boxes in place of the maker."""
    label = Label(LINK, (*LABEL.lines, Line("<A & B>")))
    data = draw_svg(label, make_symbol(LINK), 300, FONTS)
    root = ET.fromstring(data)  # noqa: S314 - our own picture
    assert root.findtext(f"{SVG}desc") == "\n".join(line.text for line in label.lines)
    assert not list(root.iter(f"{SVG}text"))


def test_address_too_long_for_a_symbol_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        make_symbol(f"https://id.example/{'a' * 1700}")
    assert caught.value.code == "label.size"


def test_symbol_on_a_terminal_is_read_back() -> None:
    text = "2456 2aac d725 81d2 88d3 9cb0 9645 e871"
    assert read_blocks(plain(draw_terminal(text))) == [text]


def test_label_on_a_terminal_has_its_text_under_the_code() -> None:
    """Without the text, nobody sees of which part a code on the screen is."""
    drawn = plain(draw_labels("txt", [(LABEL, make_symbol(LINK))], Style()).decode())
    text = drawn[-len(LABEL.lines) :]
    assert [line.strip() for line in text] == [line.text for line in LABEL.lines]
    assert read_blocks(drawn[: -len(LABEL.lines)]) == [LINK]


def plain(drawn: str) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in drawn.splitlines()]


def read_blocks(lines: list[str]) -> list[str]:
    image = Image.new("L", (len(lines[0]) * 4, len(lines) * 8), 0)
    drawing = ImageDraw.Draw(image)
    halves = {"█": (0, 8), "▀": (0, 4), "▄": (4, 8)}
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            if character in halves:
                top, bottom = halves[character]
                box = (x * 4, y * 8 + top, x * 4 + 3, y * 8 + bottom - 1)
                drawing.rectangle(box, fill=255)
    return read(image)
