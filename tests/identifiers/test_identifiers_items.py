from __future__ import annotations

import re
import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import Chain, check_digit, is_prefix, parse_item

KID = "A" * 42 + "E"

VALID = [
    ("01/09521234543213/21/7KQ2X4PM9ATRWC", "unit"),
    ("01/09521234543213/21/A", "unit"),
    ("01/09521234543213/21/" + "9" * 20, "unit"),
    ("x/unit/a", "unit"),
    ("x/unit/" + "Z-" * 20, "unit"),
    ("8004/9521234C000001", "asset"),
    ("8004/" + "-" * 30, "asset"),
    ("x/core/C-1", "core"),
    ("x/component/p1", "component"),
    ("lot/W-2025-03", "lot"),
    ("decl/7KQ2X4PM9ATRWC23", "declaration"),
    ("decl/" + "a" * 40, "declaration"),
    ("book/7KQ2X4PM9ATRWC23", "book"),
    ("party/yuxiang", "party"),
    (f"key/{KID}", "key"),
    ("ledger", "ledger"),
    ("policy", "policy"),
]

REFUSED = [
    ("", "found '' at the beginning"),
    ("unit/1", "found 'unit' at the beginning; allowed: 01 or x or 8004"),
    ("/ledger", "found '' at the beginning"),
    ("ledger/", "allowed: nothing more"),
    ("Ledger", "'Ledger'"),
    ("01", "found nothing after '01'; allowed: a GTIN of 14"),
    ("01/9521234543213/21/A", "a GTIN of 14"),
    ("01/0952123454321३/21/A", "a GTIN of 14"),
    ("01/09521234543213", "found nothing after '01/09521234543213'; allowed: 21"),
    ("01/09521234543213/22/A", "found '22' after '01/09521234543213'; allowed: 21"),
    ("01/09521234543213/21/", "a serial of 1 to 20"),
    ("01/09521234543213/21/" + "A" * 21, "a serial of 1 to 20"),
    ("01/09521234543213/21/a", "a serial of 1 to 20"),
    ("01/09521234543213/21/A/", "nothing more"),
    ("01/09521234543213/21/A%2DB", "a serial of 1 to 20"),
    ("8004/", "a GIAI of 1 to 30"),
    ("8004/c1", "a GIAI of 1 to 30"),
    ("8004/" + "A" * 31, "a GIAI of 1 to 30"),
    ("8004/A\n", "a GIAI of 1 to 30"),
    ("8004/A ", "a GIAI of 1 to 30"),
    ("８００４/A", "at the beginning"),
    ("x/Unit/1", "allowed: unit or core or component"),
    ("x/unit/a_b", "a name of 1 to 40"),
    ("lot/ä", "a name of 1 to 40"),
    ("decl/801220251000012", "a random name of 16 to 40"),
    ("book/" + "a" * 41, "a random name of 16 to 40"),
    ("key/" + "A" * 42, "a key id of 43"),
    ("key/" + "A" * 42 + "B", "canonical base64url"),
    ("policy/1", "nothing more"),
]

THING_IDS = [text for text, form in VALID if form not in {"party", "key", "ledger", "policy"}]


@pytest.mark.parametrize(("text", "form"), VALID)
def test_accepts_every_form(text: str, form: str) -> None:
    item = parse_item(text)
    assert (item.text, item.form, str(item)) == (text, form, text)


@pytest.mark.parametrize(("text", "detail"), REFUSED)
def test_refusal_names_the_invalid_part(text: str, detail: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(detail)) as caught:
        parse_item(text)
    assert caught.value.code == "item.form"


def test_refuses_every_wrong_check_digit_and_names_the_right_one() -> None:
    for digit in "012456789":
        with pytest.raises(MalformedError, match="check digit of 0952123454321 is 3") as caught:
            parse_item(f"01/0952123454321{digit}/21/A")
        assert caught.value.code == "item.check-digit"


def test_refuses_control_characters_without_printing_them() -> None:
    with pytest.raises(MalformedError) as caught:
        parse_item("8004/\x1b[31m\u202e")
    assert str(caught.value).isprintable()


def test_quotes_only_the_start_of_a_huge_id() -> None:
    with pytest.raises(MalformedError) as caught:
        parse_item("lot/" + "a" * 1_000_000)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(("text", "form"), VALID)
def test_only_a_giai_can_identify_two_things(text: str, form: str) -> None:
    things: tuple[Chain, ...] = (
        "unit", "core", "component", "lot", "declaration", "book", "party", "key", "ledger",
        "policy",
    )  # fmt: skip
    item = parse_item(text)
    expected = {"core", "component"} if form == "asset" else {form}
    assert {thing for thing in things if item.may_be(thing)} == expected


@given(st.text(max_size=60) | st.text(alphabet="018x/4unitcoreabCZ-2", max_size=60))
def test_nothing_but_malformed_error_escapes(text: str) -> None:
    try:
        item = parse_item(text)
    except MalformedError:
        return
    assert item.text == text
    assert text.isascii()


@given(
    st.text(string.digits, min_size=13, max_size=13),
    st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=20),
)
def test_any_gtin_with_its_check_digit_makes_units(body: str, serial: str) -> None:
    text = f"01/{body}{check_digit(body)}/21/{serial}"
    assert parse_item(text).text == text


@given(st.sampled_from(VALID), st.data())
def test_one_changed_character_is_refused_or_another_id(
    valid: tuple[str, str], data: st.DataObject
) -> None:
    text = valid[0]
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    with suppress(MalformedError):
        assert parse_item(changed).text == changed


@pytest.mark.parametrize("text", THING_IDS)
def test_every_beginning_of_an_item_id_is_a_prefix(text: str) -> None:
    assert all(is_prefix(text[:length]) for length in range(1, len(text)))


@pytest.mark.parametrize(
    "text",
    [
        "01/0952123",
        "01/09521234543213/21/" + "A" * 19,
        "8004/9521234",
        "8004/" + "A" * 29,
        "x/unit/",
        "decl/",
        "decl/short",
        "book/",
        "lot/",
        "x",
        "0",
    ],
)
def test_accepts_prefix(text: str) -> None:
    assert is_prefix(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01/09521234543214",
        "01/09521234543214/21/A",
        "01/0952123/21/A",
        "01/09521234543213/21/" + "A" * 20,
        "01/09521234543213/21/A/",
        "8004/" + "A" * 30,
        "8004/a",
        "8004/A\n",
        "decl/" + "a" * 40,
        "lot/" + "a" * 41,
        "x/y",
        "party/",
        "party/yuxiang",
        "key/",
        "ledger",
        "l/",
        "polic",
        "*",
        "01/०",
    ],
)
def test_refuses_prefix_of_no_item_id(text: str) -> None:
    assert not is_prefix(text)


@given(st.text(max_size=60) | st.text(alphabet="018x/4unitcoreabCZ-2", max_size=60))
def test_prefix_check_never_raises(text: str) -> None:
    assert is_prefix(text) in {True, False}
