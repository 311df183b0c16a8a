"""Scans of labels: every common output of a scanner names the item on the label, and no other."""

from __future__ import annotations

import pytest

from traceledger.errors import MalformedError
from traceledger.identifiers import find_base, read_part, read_scanned

UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\x1d80049521234C1", "8004/9521234C1"),
        ("]C180049521234C1\x1d2112", "8004/9521234C1"),
        ("]d2\x1d80049521234C1\x1d", "8004/9521234C1"),
        ("(8004)9521234C1", "8004/9521234C1"),
        ("(8004)9521234C1(21)12", "8004/9521234C1"),
        ("(8004)9521234C1<GS>(21)12", "8004/9521234C1"),
        ("https://id.example/x/core/C1", "x/core/C1"),
        ("https://id.example/a/8004/9521234C1#v1.x", "8004/9521234C1"),
        ("x/core/C1", "x/core/C1"),
        (UNIT, UNIT),
        (f"]Q1https://id.example/{UNIT}?linkType=all", UNIT),
        ("https://id.example/x/unit/U-1", "x/unit/U-1"),
        ("]d20109521234543213217KQ2X4PM9ATRWC", UNIT),
        ("]d20109521234543213\x1d217KQ2X4PM9ATRWC\x1d10B7", UNIT),
        ("0109521234543213217KQ2X4PM9ATRWC<GS>10B7", UNIT),
        ("(01)09521234543213(21)7KQ2X4PM9ATRWC(10)B7", UNIT),
        ("０１/09521234543213/21/7KQ2X4PM9ATRWC\n", UNIT),
        ("lot/W-2025-03", "lot/W-2025-03"),
    ],
)
def test_scan_is_read(text: str, meant: str) -> None:
    assert read_scanned(text).text == meant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8004", "item.form"),
        ("(8004)", "item.form"),
        ("]d2", "item.form"),
        ("\x1d", "item.form"),
        ("]C1(01)09521234543213", "item.form"),
        ("(01)09521234543214(21)7KQ2X4PM9ATRWC", "item.check-digit"),
        ("0109521234543213217kq2x4pm9atrwc", "item.form"),
        ("https://id.example/8004/", "item.form"),
        ("https://id.example/about", "link.form"),
        ("²004/9521234C1", "item.form"),
        ("8004/9521234c1", "item.form"),
        ("80049521234C(1)", "item.form"),
        ("]C180049521234C(21)12", "item.form"),
        ("(8004)9521234C(1)", "item.form"),
        ("(8004)9521234C(21)", "item.form"),
        ("(8004)9521234C(", "item.form"),
        ("0109521234543213217KQ2(1)", "item.form"),
        ("(01)09521234543213(21)7KQ2(1)", "item.form"),
        ("(01)09521234543213217KQ2(10)B7", "item.form"),
    ],
)
def test_scan_of_something_else_is_refused_and_never_changed(text: str, code: str) -> None:
    """A scanner with the wrong keyboard layout must not record the event of another part."""
    with pytest.raises(MalformedError) as caught:
        read_scanned(text)
    assert caught.value.code == code


def test_base_of_a_link_precedes_the_item() -> None:
    assert find_base("]Q3https://id.example/a/8004/9521234C1?x=1") == "https://id.example/a"
    assert find_base("8004/9521234C1") == ""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("8004AB", "8004AB"),
        ("80049521234C1", "80049521234C1"),
        ("0109", "0109"),
        ("C0000", "C0000"),
        ("(", "("),
        ("https://id.example/", "https://id.example/"),
        ("]C180049521234C1", "8004/9521234C1"),
        ("(8004)9521234C1", "8004/9521234C1"),
        ("80049521234C1\x1d2112", "8004/9521234C1"),
        ("0109521234543213217KQ2X4PM9ATRWC", UNIT),
        (f"https://id.example/{UNIT}", UNIT),
    ],
)
def test_part_of_an_id_is_searched_for_as_it_is(text: str, meant: str) -> None:
    """An id may contain 8004 anywhere: only what cannot be a part of an id is read as a scan."""
    assert read_part(text) == meant
