from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import (
    COUNTRIES,
    CURRENCIES,
    check_country,
    check_currency,
    check_text,
    check_time,
    parse_time,
)


def test_lists_match_the_standards() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in COUNTRIES)
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)
    assert {"CHN", "DEU", "USA", "JPN", "MEX", "ARE"} <= COUNTRIES
    assert {"CNY", "EUR", "USD", "JPY", "XCG"} <= CURRENCIES
    assert not {"XXX", "XTS"} & CURRENCIES


@pytest.mark.parametrize("code", ["", "usa", "US", "840", "502", "XKX", "USA ", "ＵＳＡ", "UK"])
def test_refuses_country_outside_the_list(code: str) -> None:
    with pytest.raises(MalformedError, match="CHN, DEU, USA") as caught:
        check_country(code)
    assert caught.value.code == "value.country"
    assert check_country("USA") == "USA"


@pytest.mark.parametrize("code", ["", "usd", "$", "US", "840", "XXX", "BTC", "RMB"])
def test_refuses_currency_outside_the_list(code: str) -> None:
    with pytest.raises(MalformedError, match="CNY, EUR, USD") as caught:
        check_currency(code)
    assert caught.value.code == "value.currency"
    assert check_currency("CNY") == "CNY"


@pytest.mark.parametrize("text", ["a", "变速箱控制模块(旧件) 6T40", "=1+1", "é🚗", " ", "a" * 500])
def test_accepts_printable_text(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 501,
        "a\0",
        "a\nb",
        "a\tb",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ud800",
    ],
)
def test_refuses_text_that_hides_or_reorders_itself(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_text(text)
    assert caught.value.code == "value.text"
    assert str(caught.value).isprintable()


def test_limit_of_text_can_be_lower() -> None:
    assert check_text("abcd", maximum=4) == "abcd"
    with pytest.raises(MalformedError, match="1 to 4"):
        check_text("abcde", maximum=4)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-14T09:20:00+08:00",
        "2025-03-14T09:20:00.123Z",
        "2024-02-29T23:59:59-14:59",
        "1000-01-01T00:00:00+14:00",
        "2999-12-31T23:59:59-12:00",
        "2025-03-14T09:20:00-00:00",
    ],
)
def test_accepts_times_with_their_offset(text: str) -> None:
    assert check_time(text) == text
    assert parse_time(text).astimezone(UTC).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-03-14",
        "2025-03-14T09:20:00",
        "2025-03-14 09:20:00Z",
        "2025-03-14t09:20:00z",
        "2025-03-14T09:20Z",
        "20250314T092000Z",
        "2025-W11-5T09:20:00Z",
        "2025-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2025-04-31T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "2025-01-00T00:00:00Z",
        "2025-03-14T24:00:00Z",
        "2025-03-14T23:59:60Z",
        "2025-03-14T09:20:00.1Z",
        "2025-03-14T09:20:00.123456Z",
        "2025-03-14T09:20:00,123Z",
        "2025-03-14T09:20:00+8",
        "2025-03-14T09:20:00+0800",
        "2025-03-14T09:20:00+15:00",
        "2025-03-14T09:20:00+08:60",
        "2025-03-14T09:20:00+08:00:00",
        "0000-01-01T00:00:00Z",
        "0999-01-01T00:00:00Z",
        "3000-01-01T00:00:00Z",
        "２025-03-14T09:20:00Z",
        "2025-03-14T09:20:00Z\n",
    ],
)
def test_refuses_every_other_notation_of_a_time(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_time(text)
    assert caught.value.code == "value.time"


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31)),  # noqa: DTZ001 - a zone is added
    st.integers(-14 * 60, 14 * 60),
)
def test_parsed_time_is_the_instant_written(moment: datetime, offset: int) -> None:
    moment = moment.replace(microsecond=0)
    sign = "-" if offset < 0 else "+"
    text = f"{moment.isoformat()}{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    assert parse_time(text).replace(tzinfo=None) == moment
    assert parse_time(text).utcoffset() == timedelta(minutes=offset)


@given(st.text() | st.text(alphabet="0123456789-T:.Z+", max_size=30))
def test_nothing_but_malformed_error_escapes(text: str) -> None:
    for check in (check_country, check_currency, check_text, check_time):
        try:
            assert check(text) == text
        except MalformedError:
            continue
