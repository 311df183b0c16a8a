"""The text of labels: its fonts, directions and layout; what is printed is seen, or nothing is."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from traceledger.errors import UsageError
from traceledger.labels.bidi import Run, order_runs
from traceledger.labels.drawing import Format, Style, draw_labels
from traceledger.labels.fonts import Fonts, Weight
from traceledger.labels.label import Label, Line
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.outlines import measure, outline
from traceledger.labels.png import draw_image
from traceledger.labels.symbol import QUIET, make_symbol

UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
LINK = f"https://id.example/{UNIT}"
STATED = f"{LINK}#v1.{'A' * 400}"
FONTS = Fonts()
MAKERS = {
    "Chinese": "重庆雨翔智能科技有限公司",
    "traditional Chinese": "臺灣再製造股份有限公司",
    "Japanese": "日本リビルト株式会社",
    "Korean": "한국재제조 주식회사",
    "Arabic": "شركة الخليج لإعادة تصنيع قطع الغيار",
    "Persian": "شرکت قطعات خودرو پارس",
    "Hebrew": "חלקים בע״מ",
    "Russian": "ООО «Ремонтный завод Северный»",
    "Polish": "Zakład Części Samochodowych Łódź Sp. z o.o.",
    "Vietnamese": "Công ty TNHH Tái sản xuất Đồng Nai",
    "Turkish": "Yedek Parça Sanayi A.Ş. İstanbul",
    "Greek": "Ανταλλακτικά ΑΕ",
    "Thai": "บริษัท ชิ้นส่วน จำกัด",
    "Hindi": "भारत पुनर्निर्माण लिमिटेड",
    "emoji": "Parts ⚙ 🔧",
}


def label(maker: str, link: str = LINK) -> Label:
    return Label(
        link,
        (
            Line("再制造 / Remanufactured", 1.2, "bold"),
            Line(maker),
            Line("GB/T 28618-2012, Q/YX 001-2025"),
            Line("7KQ2 X4PM 9ATR WC", 1.4, "bold", whole=True),
            Line("(01)09521234543213", 1.1, "mono", whole=True),
        ),
    )


@pytest.mark.parametrize("kind", ["svg", "png", "pdf", "zpl"])
@pytest.mark.parametrize("script", ["Chinese", "Arabic", "Russian", "Polish"])
def test_maker_in_any_script_is_drawn_in_every_format(kind: Format, script: str) -> None:
    """A label once lacked 再制造 and the maker where no Chinese font was installed."""
    symbol = make_symbol(LINK)
    drawn = draw_labels(kind, [(label(MAKERS[script]), symbol)], Style())
    other = draw_labels(kind, [(label("x"), symbol)], Style())
    assert drawn != other


@pytest.mark.parametrize("text", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("weight", ["regular", "bold", "mono"])
def test_every_letter_has_a_glyph(text: str, weight: Weight) -> None:
    for character in text:
        assert FONTS.find(character, weight).has(character)


def test_character_without_a_font_stops_the_label_and_is_named() -> None:
    """An empty box on a label looks like a fault of the part."""
    with pytest.raises(UsageError) as caught:
        draw_labels("svg", [(label("Plant \U0001302c"), make_symbol(LINK))], Style())
    assert caught.value.code == "label.font"
    assert "U+1302C" in caught.value.message


def test_own_font_is_preferred_and_the_others_add_what_it_lacks() -> None:
    mono = Path(FONTS.find("(", "mono").path)
    own = Fonts(mono)
    assert outline("Plant", "regular", own) != outline("Plant", "regular", FONTS)
    assert outline("再制造", "regular", own) == outline("再制造", "regular", FONTS)


@pytest.mark.parametrize("content", [b"", b"not a font", b"\x00\x01\x00\x00" + bytes(60)])
def test_file_that_is_not_a_font_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(content)
    for font in (path, tmp_path / "missing.ttf", tmp_path):
        with pytest.raises(UsageError) as caught:
            draw_labels("png", [(label("x"), make_symbol(LINK))], Style(300, "a4", font))
        assert caught.value.code == "usage.option"


@pytest.mark.parametrize("text", ["0123456789", "ABCXYZ-()ij.", "(01)09521234543213"])
def test_characters_of_a_number_are_equally_wide(text: str) -> None:
    widths = {measure(character, "mono", FONTS) for character in text}
    assert len(widths) == 1
    assert measure(text, "mono", FONTS) == pytest.approx(len(text) * widths.pop())


def test_bold_is_heavier_than_regular() -> None:
    def ink(weight: Weight) -> int:
        drawn = Label(LINK, (Line("再制造", weight=weight),))
        image = draw_image(drawn, make_symbol(LINK), 300, FONTS)
        return image.histogram()[0]

    assert ink("bold") > ink("regular")


def test_letters_join_in_arabic() -> None:
    """Unjoined letters in reverse order are what a program draws that does not know Arabic."""
    joined = measure("شركة", "regular", FONTS)
    assert joined < sum(measure(letter, "regular", FONTS) for letter in "شركة")


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Plant 1", [("Plant 1", False)]),
        ("شركة", [("شركة", True)]),
        ("شركة ABC", [("ABC", False), ("شركة ", True)]),
        ("شركة 12 ABC", [("ABC", False), (" ", True), ("12", False), ("شركة ", True)]),
        ("شركة 12", [("12", False), ("شركة ", True)]),
        ("ABC شركة", [("ABC ", False), ("شركة", True)]),
        ("ABC شركة 12", [("ABC ", False), ("12", False), ("شركة ", True)]),
        ("ABC شركة القطع x", [("ABC ", False), ("شركة القطع", True), (" x", False)]),
        ("قطع 1.5 مم", [(" مم", True), ("1.5", False), ("قطع ", True)]),
        ("", []),
    ],
)
def test_runs_are_in_the_order_in_which_they_are_drawn(
    text: str, runs: list[tuple[str, bool]]
) -> None:
    assert list(order_runs(text)) == [Run(*run) for run in runs]


@given(st.text(max_size=40))
def test_no_character_is_lost_by_ordering(text: str) -> None:
    assert sorted("".join(run.text for run in order_runs(text))) == sorted(text)


@pytest.mark.parametrize(("dpi", "link"), [(203, LINK), (300, STATED), (600, LINK)])
@pytest.mark.parametrize("script", ["Arabic", "Chinese", "Vietnamese", "endless", "long"])
def test_text_stays_inside_the_label_and_off_the_symbol(dpi: int, link: str, script: str) -> None:
    maker = {**MAKERS, "endless": "W" * 500, "long": "word " * 100}[script]
    symbol = make_symbol(link)
    layout = lay_out(label(maker, link), symbol, FONTS)
    image, dots = draw_image(label(maker, link), symbol, dpi, FONTS), module_dots(dpi)
    text = (symbol.size + 2 * QUIET - 1) * dots
    beside = image.crop((text, 0, image.width, image.height)).convert("L")
    box = beside.point(lambda value: 255 - value).getbbox()
    assert box is not None
    assert box[0] >= 0
    assert box[1] >= (QUIET - 1) * dots
    assert box[2] <= beside.width - (QUIET - 2) * dots
    assert box[3] <= layout.height * dots - (QUIET - 1) * dots


def test_long_text_is_wrapped_and_nothing_is_lost() -> None:
    for maker in ("W" * 500, "Zakład Części Samochodowych " * 8, MAKERS["Chinese"] * 9):
        lines = lay_out(label(maker), make_symbol(LINK), FONTS).lines
        joined = "".join(placed.line.text for placed in lines).replace(" ", "")
        assert maker.replace(" ", "") in joined


def test_text_of_a_signed_label_fills_the_height_of_its_symbol() -> None:
    """The text beside the large symbol was as small as beside a small one."""
    small = lay_out(label(MAKERS["Chinese"]), make_symbol(LINK), FONTS)
    large = lay_out(label(MAKERS["Chinese"], STATED), make_symbol(STATED), FONTS)
    assert large.lines[0].height > small.lines[0].height * 1.2
    top = large.lines[0].y - large.lines[0].height
    assert large.lines[-1].y - top > make_symbol(STATED).size * 0.5


def test_smallest_text_has_sixteen_dots_at_203_dpi() -> None:
    for maker in MAKERS.values():
        layout = lay_out(label(maker), make_symbol(LINK), FONTS)
        assert min(placed.height for placed in layout.lines) * module_dots(203) >= 16


def test_counters_of_letters_stay_open() -> None:
    """A contour that crosses itself was filled, so that 8 looked like a blot."""
    drawn = Label(LINK, (Line("8", weight="mono"),))
    image = draw_image(drawn, make_symbol(LINK), 600, FONTS)
    placed = lay_out(drawn, make_symbol(LINK), FONTS).lines[0]
    dots = module_dots(600)
    middle = round((placed.x + placed.outline.width * placed.height / 2) * dots)
    column = [
        image.getpixel((middle, y))
        for y in range(round((placed.y - placed.height) * dots), round(placed.y * dots) + 1)
    ]
    changes = sum(one != other for one, other in pairwise(column))
    assert changes >= 6  # three bars and two counters


def test_png_is_written_in_black_and_white() -> None:
    data = draw_labels("png", [(label(MAKERS["Arabic"]), make_symbol(LINK))], Style())
    assert Image.open(io.BytesIO(data)).mode == "1"
