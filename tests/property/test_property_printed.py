"""What the program prints of others: no parser lets a character pass that controls a terminal.

The key names of notes are an exception, because C2SP signed-note forbids only spaces and `+` in
them. They are escaped where they are printed (`tests/cli/test_cli_terminal.py`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import STATEMENT
from tests.world import ORIGIN, make_signer
from traceledger.errors import TraceledgerError
from traceledger.formats.encoding import check_origin
from traceledger.formats.note import NoteVerifier
from traceledger.formats.policy import parse_policy
from traceledger.formats.sample import format_sample, parse_sample
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.identifiers.decimals import check_decimal
from traceledger.identifiers.digital_link import check_base_url, parse_link
from traceledger.identifiers.items import parse_item
from traceledger.identifiers.values import (
    check_code,
    check_country,
    check_currency,
    check_text,
    check_time,
)

# C0 and C1, delete; line and paragraph separators; what reorders a line.
CONTROLS = [
    *map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)),
    *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C)),
]
LOG = make_signer("log")
PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "item": (parse_item, "01/09521234543213/21/7KQ2X4PM9ATRWC"),
    "party": (parse_item, "party/plant"),
    "core": (parse_item, "8004/9521234C000001"),
    "link": (parse_link, "https://id.example/01/09521234543213/21/7KQ2X4PM9ATRWC"),
    "url": (check_base_url, "https://id.example"),
    "text": (check_text, "重庆雨翔 a name"),
    "code": (check_code, "RC-2025-07"),
    "decimal": (check_decimal, "0.951"),
    "time": (check_time, "2025-03-14T09:20:00+08:00"),
    "country": (check_country, "CHN"),
    "currency": (check_currency, "CNY"),
    "origin": (lambda text: check_origin(text, "ledger.origin"), ORIGIN),
    "key": (parse_vkey, format_vkey(NoteVerifier(ORIGIN, LOG.key))),
    "policy": (
        lambda text: parse_policy(f"log {text}\nquorum none\n".encode()),
        format_vkey(NoteVerifier(ORIGIN, LOG.key)),
    ),
    "sample": (
        lambda text: parse_sample(
            format_sample(STATEMENT).replace(STATEMENT.results[0].remark.encode(), text.encode())
        ),
        STATEMENT.results[0].remark,
    ),
}


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_no_parser_lets_a_control_character_pass(name: str, data: st.DataObject) -> None:
    """A serial or a name could hide, colour or move what a verdict prints beside it."""
    parse, text = PARSERS[name]
    parse(text)
    at = data.draw(st.integers(0, len(text)))
    changed = f"{text[:at]}{data.draw(st.sampled_from(CONTROLS))}{text[at:]}"
    with contextlib.suppress(TraceledgerError):
        pytest.fail(f"{changed!r} was accepted: {parse(changed)!r}")
