"""Labels for printers, PDF and ZPL, are read back at the resolution at which they are printed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable

import pypdfium2  # type: ignore[import-untyped]  # pypdfium2 has no types
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from traceledger.errors import MalformedError, UsageError
from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label, Line
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.pdf import Paper, draw_pdf
from traceledger.labels.scanning import read_symbols
from traceledger.labels.symbol import QUIET, Correction, make_symbol
from traceledger.labels.zpl import draw_zpl

LINK = "https://id.example/01/09521234543213/21/7KQ2X4PM9ATRWC"
LABEL = Label(
    LINK,
    (
        Line("再制造 / Remanufactured", 1.2, "bold"),
        Line("重庆雨翔智能科技有限公司"),
        Line("id.example"),
        Line("7KQ2 X4PM 9ATR WC", 1.4, "bold"),
    ),
)

FONTS = Fonts()


def pages(data: bytes, dpi: int) -> list[Image.Image]:
    """Renders the pages of a PDF in printer dots."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def pdf(correction: Correction, dpi: int) -> Image.Image:
    symbol = make_symbol(LINK, correction)
    return pages(draw_pdf([(LABEL, symbol)], dpi, FONTS, paper="label"), dpi)[0]


def zpl(correction: Correction, dpi: int) -> Image.Image:
    """Decodes the bitmap as a printer does."""
    text = draw_zpl(LABEL, make_symbol(LINK, correction), dpi, FONTS).decode("ascii")
    match = re.fullmatch(
        r"\^XA\n\^PW(\d+)\n\^LL(\d+)\n\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS\n\^XZ\n", text
    )
    assert match is not None
    width, height, sent, total, row = map(int, match.groups()[:5])
    bitmap = bytes.fromhex(match[6])
    assert sent == total == len(bitmap) == row * height
    black = Image.frombytes("1", (row * 8, height), bitmap).crop((0, 0, width, height))
    return black.convert("L").point(lambda value: 255 - value)


def read(image: Image.Image) -> list[str]:
    return [symbol.text for symbol in zxingcpp.read_barcodes(image)]


Draw = Callable[[Correction, int], Image.Image]
draws = pytest.mark.parametrize("draw", [pdf, zpl])


@draws
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("correction", ["Q", "H"])
def test_label_is_read_back_as_it_is_printed(draw: Draw, correction: Correction, dpi: int) -> None:
    assert read(draw(correction, dpi)) == [LINK]


@draws
@pytest.mark.parametrize("angle", [3, 45, 90, 180, 271])
def test_rotated_label_is_read_back(draw: Draw, angle: int) -> None:
    assert read(draw("Q", 300).rotate(angle, expand=True, fillcolor=255)) == [LINK]


@draws
def test_blurred_label_is_read_back(draw: Draw) -> None:
    assert read(draw("Q", 300).filter(ImageFilter.GaussianBlur(2.5))) == [LINK]


@draws
@pytest.mark.parametrize("share", [0.05, 0.10])
@pytest.mark.parametrize("seed", range(3))
def test_label_is_read_back_with_part_of_its_symbol_covered(
    draw: Draw, share: float, seed: int
) -> None:
    image, dots = draw("Q", 300), module_dots(300)
    side = make_symbol(LINK).size
    covered = round(side * share**0.5)
    place = random.Random(seed)
    x, y = (QUIET + place.randint(9, side - 9 - covered) for _ in range(2))
    box = (x * dots, y * dots, (x + covered) * dots - 1, (y + covered) * dots - 1)
    ImageDraw.Draw(image).rectangle(box, fill=128)
    assert read(image) == [LINK]


def test_modules_of_a_pdf_are_whole_dots() -> None:
    image, dots = pdf("Q", 203), module_dots(203)
    layout = lay_out(LABEL, make_symbol(LINK), FONTS)
    assert image.width == pytest.approx(layout.width * dots, abs=1)
    assert image.height == pytest.approx(layout.height * dots, abs=1)
    row = [image.getpixel((x, layout.top * dots + 2)) for x in range((QUIET + 8) * dots)]
    dark = [isinstance(value, int) and value < 128 for value in row]
    assert dark == [False] * QUIET * dots + [True] * 7 * dots + [False] * dots


@pytest.mark.parametrize(("paper", "maximum"), [("a4", 40), ("letter", 40)])
def test_sheets_contain_every_label_once(paper: Paper, maximum: int) -> None:
    links = [f"{LINK[:-2]}{number:02}" for number in range(maximum)]
    labels = [(Label(link, LABEL.lines), make_symbol(link)) for link in links]
    sheets = pages(draw_pdf(labels, 300, FONTS, paper=paper), 300)
    assert len(sheets) > 1
    assert sorted(text for sheet in sheets for text in read(sheet)) == links


def test_a_page_for_each_label() -> None:
    symbol = make_symbol(LINK)
    assert len(pages(draw_pdf([(LABEL, symbol)] * 3, 300, FONTS, paper="label"), 100)) == 3


def test_same_labels_give_the_same_bytes() -> None:
    labels = [(LABEL, make_symbol(LINK))]
    assert draw_pdf(labels, 300, FONTS) == draw_pdf(labels, 300, FONTS)


def test_sheet_with_labels_higher_than_the_paper_is_refused() -> None:
    high = Label(LINK, (Line("x " * 5000),))
    with pytest.raises(UsageError) as caught:
        draw_pdf([(high, make_symbol(LINK))], 300, FONTS)
    assert caught.value.code == "label.size"


def test_all_symbols_of_an_image_are_read_each_once() -> None:
    image = Image.new("L", (1600, 400), 255)
    for x, correction in ((0, "Q"), (800, "H")):
        image.paste(pdf(correction, 203), (x, 50))  # type: ignore[arg-type]  # a level
    written = io.BytesIO()
    image.save(written, "PNG")
    assert read_symbols(written.getvalue()) == (LINK,)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_data_that_is_not_an_image_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        read_symbols(data)
    assert caught.value.code == "scan.image"


def picture(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("L", (64, 64), 255).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["EPS", "TIFF", "PPM"])
def test_only_formats_of_photos_are_opened(kind: str) -> None:
    """An EPS file is a program, which would run for whoever scans a stranger's picture."""
    with pytest.raises(MalformedError) as caught:
        read_symbols(picture(kind))
    assert caught.value.code == "scan.image"


def test_refusal_of_a_picture_names_the_formats_that_are_read() -> None:
    """The pictures of document scanners are sound, and open elsewhere."""
    with pytest.raises(MalformedError, match="not a PNG, JPEG, WebP, GIF or BMP image"):
        read_symbols(picture("TIFF"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "GIF", "BMP"])
def test_each_format_that_a_refusal_names_is_read(kind: str) -> None:
    assert read_symbols(picture(kind)) == ()


def test_picture_with_a_broken_part_is_refused() -> None:
    start, _, rest = picture("PNG").partition(b"IDAT")
    with pytest.raises(MalformedError) as caught:
        read_symbols(start + b"\xc5bih" + rest)
    assert caught.value.code == "scan.image"


def test_huge_image_is_refused_before_decoding() -> None:
    written = io.BytesIO()
    Image.new("1", (10_000, 8_000)).save(written, "PNG")
    with pytest.raises(MalformedError) as caught:
        read_symbols(written.getvalue())
    assert caught.value.code == "scan.image"
