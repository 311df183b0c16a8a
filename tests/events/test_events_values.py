"""The types of fields agree with `traceledger.identifiers`, which other rooms use."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.events import fields, roles
from traceledger.identifiers import check_decimal, check_signed_decimal, check_text


def fits(value: Any, hint: Any) -> bool:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True


def accepts(check: Any, text: str) -> bool:
    try:
        check(text)
    except MalformedError:
        return False
    return True


NUMBERS = st.from_regex(r"-?[0-9]{0,17}\.?[0-9]{0,10}", fullmatch=True) | st.text(
    alphabet="-0123456789.e+", max_size=22
)


@given(NUMBERS)
def test_decimals_match_the_identifiers(text: str) -> None:
    assert fits(text, fields.Decimal) == accepts(check_decimal, text)
    assert fits(text, fields.SignedDecimal) == accepts(check_signed_decimal, text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_texts_match_the_identifiers(text: str) -> None:
    assert fits(text, fields.Short) == accepts(lambda value: check_text(value, maximum=64), text)


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (fields.Decimal, "123456789012345.123"),
        (fields.SignedDecimal, "-123456789012345.123"),
        (fields.SignedDecimal, "123456789012345.123"),
        (fields.Text, "再" * 500),
        (fields.Short, "a" * 64),
        (fields.Time, "2025-03-14T09:20:00+08:00"),
        (fields.Time, "2025-03-14T09:20:00.123Z"),
        (fields.Date, "2025-03-14"),
        (fields.Sha256, "0f" * 32),
        (fields.EventId, "A" * 43),
        (fields.Possession, "A" * 85 + "g"),
        (fields.Prefix, "01/0952123"),
        (fields.Latin, "Çağ & Søn Ľtď" + "a" * 487),
        (fields.Phone, "+1 2345"),
        (fields.Phone, "+" + "1" * 31),
        (fields.Web, "https://a.de"),
        (fields.Web, "https://xn--fiqs8s.example:8443/%E5%86%8D?a=b&c#d"),
        (fields.Web, "https://a.de/" + "x" * 487),
        (fields.Email, "a.b+c@d-e.example"),
        (fields.Language, "de"),
        (fields.Language, "zh-Hans-CN"),
    ],
)
def test_accepts_value_at_its_limit(hint: Any, text: str) -> None:
    assert fits(text, hint)


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (fields.Decimal, "123456789012345.1234"),
        (fields.Decimal, "1234567890123456"),
        (fields.Decimal, "0.1234567890"),
        (fields.Decimal, "-1"),
        (fields.Decimal, "+5"),
        (fields.Decimal, "1e3"),
        (fields.Decimal, ".5"),
        (fields.Decimal, "5."),
        (fields.Decimal, "00"),
        (fields.Decimal, "1,000"),
        (fields.Decimal, "٣"),
        (fields.Decimal, "1\n"),
        (fields.SignedDecimal, "-0"),
        (fields.SignedDecimal, "-0.00"),
        (fields.SignedDecimal, "--1"),
        (fields.SignedDecimal, "-123456789012345.1234"),
        (fields.Text, ""),
        (fields.Text, "a" * 501),
        (fields.Text, "a\n"),
        (fields.Text, "a\u202eb"),
        (fields.Short, "a" * 65),
        (fields.Country, "de"),
        (fields.Country, "DEUT"),
        (fields.Country, "DEU\n"),
        (fields.Date, "2025-3-14"),
        (fields.Date, "2025-13-01"),
        (fields.Time, "2025-03-14 09:20:00Z"),
        (fields.Time, "2025-03-14T09:20:00"),
        (fields.Time, "2025-03-14T09:20:60Z"),
        (fields.Time, "2025-03-14T09:20:00.1Z"),
        (fields.Time, "2025-03-14T09:20:00+15:00"),
        (fields.Sha256, "0F" * 32),
        (fields.Sha256, "0f" * 31),
        (fields.EventId, "A" * 42 + "B"),
        (fields.EventId, "A" * 42),
        (fields.EventId, "A" * 43 + "="),
        (fields.Possession, "A" * 85 + "B"),
        (fields.Prefix, "*"),
        (fields.Prefix, ""),
        (fields.Gln, "952123400000"),
        (fields.Latin, "a" * 501),
        (fields.Latin, "Yuхiang"),  # a Cyrillic letter that looks like x
        (fields.Latin, "so\u00adft"),
        (fields.Latin, "a\u0301"),
        (fields.Phone, "023 5550 0100"),
        (fields.Phone, "+86 23 5550 0100 "),
        (fields.Phone, "+86  23 5550"),
        (fields.Phone, "+" + "1" * 32),
        (fields.Phone, "+86;ext=1"),
        (fields.Web, "http://a.de"),
        (fields.Web, "https://a.de/" + "x" * 488),
        (fields.Web, "https://user@a.de/"),
        (fields.Web, "https://a.de\\@b.de/"),
        (fields.Web, "https://A.de"),
        (fields.Web, "https://127.0.0.1/"),
        (fields.Web, "https://localhost/"),
        (fields.Web, 'https://a.de/"onload='),
        (fields.Web, "https://a.de/<b>"),
        (fields.Web, "https://雨翔.example"),
        (fields.Web, "javascript:alert(1)"),
        (fields.Email, "a@b"),
        (fields.Email, "a@b.de?bcc=c@d.de"),
        (fields.Email, "a b@c.de"),
        (fields.Email, "a..b@c.de"),
        (fields.Email, "a%0A@c.de"),
        (fields.Language, "DE"),
        (fields.Language, "deutsch"),
        (fields.Language, "de_DE"),
        (roles.Role, "admin"),
        (roles.Role, "root"),
        (roles.Role, "Operator"),
    ],
)
def test_refuses_value_of_another_form(hint: Any, text: str) -> None:
    assert not fits(text, hint)
