from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import check_base_url, format_link, parse_item, parse_link

GS1 = Path(__file__).parents[1] / "data" / "gs1"
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"


class Row(TypedDict):
    valid: bool
    uri: str
    options: list[str]


def strict_rows() -> list[Row]:
    vectors = json.loads((GS1 / "dl-uri-vectors.json").read_text())
    rows = vectors["parse"] + [row for row in vectors["generate"] if row["uri"]]
    return [row for row in rows if not row["options"]]


def is_link(url: str) -> bool:
    try:
        parse_link(url)
    except MalformedError:
        return False
    return True


def test_every_valid_gs1_link_is_accepted_or_outside_the_profile() -> None:
    valid = {row["uri"] for row in strict_rows() if row["valid"]}
    outside: dict[str, str] = json.loads((GS1 / "outside-our-grammar.json").read_text())
    assert {url for url in valid if not is_link(url)} == set(outside)
    assert all(outside.values())
    assert "https://id.gs1.org/01/09520123456788/21/12345" in valid - set(outside)


@pytest.mark.parametrize("row", [row for row in strict_rows() if not row["valid"]], ids=str)
def test_refuses_every_link_that_gs1_refuses(row: Row) -> None:
    assert not is_link(row["uri"])


@pytest.mark.parametrize(
    "base",
    [
        "https://id.example",
        "https://a",
        "https://xn--fsq.xn--0zwm56d/stem/01",
        "https://192.0.2.1:8443/Plant_1/~a.b",
        "https://[::1]",
        "http://localhost:8000",
        "http://127.0.0.1",
        "http://[::1]:8000/a",
        "https://a:80",
    ],
)
@pytest.mark.parametrize(
    "item", [UNIT, "8004/9521234C000001", "x/unit/a", "x/core/B-1", "x/component/9"]
)
@pytest.mark.parametrize("fragment", ["", "v1.eyJhIjoxfQ.c2ln_-", "a/b?c=d"])
def test_link_round_trips(base: str, item: str, fragment: str) -> None:
    link = format_link(base, parse_item(item), fragment)
    assert link.startswith(f"{base}/{item}")
    assert parse_link(link) == (base, parse_item(item), fragment)


@pytest.mark.parametrize(
    "base",
    [
        "",
        "https://",
        "https:///a",
        "https://a/",
        "https://a//b",
        "https://A",
        "HTTPS://a",
        "ftp://a",
        "http://id.example",
        "http://127.0.0.2",
        "http://localhost.",
        "https://a.",
        "https://-a",
        "https://a_b",
        "https://user@a",
        "https://a:443",
        "http://localhost:80",
        "https://a:0443",
        "https://a:65536",
        "https://a/..",
        "https://a/./b",
        "https://a/%41",
        "https://a/b?c",
        "https://a/b#c",
        "https://a/b\n",
        "https://3232235777",
        "https://0300.0250.01.01",
        "https://0xc0.0xa8.0x01.0x01",
        "https://1.2.3.4.5",
        "https://[2001:db8::1]",
        "https://é.example",
        "https://a/" + "b" * 2100,
    ],
)
def test_refuses_base_that_browsers_would_change_or_that_is_not_safe(base: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_base_url(base)
    assert caught.value.code == "link.form"


@pytest.mark.parametrize(
    "url",
    [
        f"https://a/{UNIT}/",
        f"https://a/{UNIT}?linkType=linkset",
        f"https://a/{UNIT}#",
        f"https://a/{UNIT}#%00",
        f"https://a/{UNIT}#a#b",
        f"https://a//{UNIT}",
        f"https://a/{UNIT.replace('7', '%37')}",
        "https://a/21/7KQ2",
        "https://a/x/lot/1",
        "https://a/lot/1",
        "8004/A",
        "/8004/A",
        UNIT,
        "",
        "https://a/8004/A#" + "a" * 2048,
    ],
)
def test_refuses_every_other_form_of_link(url: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_link(url)
    assert caught.value.code == "link.form"


def test_wrong_check_digit_in_a_link_is_named() -> None:
    with pytest.raises(MalformedError, match="is 3") as caught:
        parse_link("https://a/01/09521234543214/21/A")
    assert caught.value.code == "item.check-digit"


@pytest.mark.parametrize("item", ["ledger", "lot/1", "party/a", "decl/7KQ2X4PM9ATRWC23"])
def test_only_parts_have_links(item: str) -> None:
    with pytest.raises(MalformedError, match="only units, cores and components"):
        format_link("https://a", parse_item(item))


@pytest.mark.parametrize("fragment", ["a b", "%20", "#", "é", "a\n"])
def test_refuses_fragment_that_readers_would_change(fragment: str) -> None:
    with pytest.raises(MalformedError):
        format_link("https://a", parse_item(UNIT), fragment)


def test_never_formats_a_link_that_it_would_not_parse() -> None:
    with pytest.raises(MalformedError, match="2,048"):
        format_link("https://a", parse_item(UNIT), "a" * 2048)


@given(st.text() | st.text(alphabet="htps:/a.018x421unit%?#", max_size=80))
def test_nothing_but_malformed_error_escapes(url: str) -> None:
    try:
        link = parse_link(url)
    except MalformedError:
        return
    assert format_link(*link) == url


@given(st.integers(0, 60), st.characters())
def test_one_changed_character_is_refused_or_another_link(at: int, character: str) -> None:
    url = f"https://id.example/{UNIT}"
    changed = url[:at] + character + url[at + 1 :]
    with suppress(MalformedError):
        assert format_link(*parse_link(changed)) == changed
