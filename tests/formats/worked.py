"""Worked examples shared by the tests of several formats, and ways to mangle them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.note import NoteSigner

Parsed = TypeVar("Parsed")

ORIGIN = "ledger.example/reman"
WITNESS = "customs.example/w1"
COSIGN_TIME = 1_700_000_000

LOG_VKEY = "ledger.example/reman+ad331abb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
LOG_SKEY = "PRIVATE+KEY+ledger.example/reman+ad331abb+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
WITNESS_VKEY = "customs.example/w1+3a7b9d12+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"

TEXT = b"""\
ledger.example/reman
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=
"""
LOG_LINE = (
    "— ledger.example/reman rTMau1NL8vaNxJS1ZUYbhpGpWplwMJLTacCZKhxQX6yiRha2k71/"
    "nH+A9hGm6/FMQlYeAk7SbO1ZsE+HreURS+aVCAE=\n"
).encode()
WITNESS_LINE = (
    "— customs.example/w1 OnudEgAAAABlU/EAf/wovZWEMBlxSm8vktMQ1HqpmqpjLM7qp5yXLVqmiP5"
    "GFKDwlJolPO19tqxypZct8QBDwkecRJ4N9NukHrfVCA==\n"
).encode()
SIGNED = TEXT + b"\n" + LOG_LINE
COSIGNED = SIGNED + WITNESS_LINE

LOG_SIGNER = NoteSigner(ORIGIN, SoftwareSigner.from_seed(b"\x01" * 32))
COSIGNER = Cosigner(WITNESS, SoftwareSigner.from_seed(b"\x02" * 32))
STRANGER = SoftwareSigner.from_seed(b"\x09" * 32)


def changed_bytes(data: bytes) -> Iterator[bytes]:
    """Yields the data with each bit flipped, and each byte replaced by a newline, space or zero."""
    for position, old in enumerate(data):
        for new in {old ^ (1 << bit) for bit in range(8)} | {0x0A, 0x0D, 0x20, 0x30, 0x00, 0xFF}:
            if new != old:
                yield data[:position] + bytes([new]) + data[position + 1 :]


def truncations(data: bytes) -> Iterator[bytes]:
    """Yields every proper prefix and every proper suffix."""
    for cut in range(len(data)):
        yield data[:cut]
        yield data[cut + 1 :]


def insertions(data: bytes) -> Iterator[bytes]:
    """Yields the data with one byte inserted that is critical in text formats."""
    for position in range(len(data) + 1):
        for extra in (b"\n", b"\r", b" ", b"0", b"+", b"=", b"\x00", b"\xff"):
            yield data[:position] + extra + data[position:]


def refused(parse: Callable[[bytes], object], data: bytes) -> None:
    """Asserts that the data raises nothing but the library's own errors."""
    with pytest.raises((MalformedError, VerificationError)):
        parse(data)


def refused_as(code: str, parse: Callable[[], object]) -> None:
    """Asserts that the library refuses with this code."""
    with pytest.raises((MalformedError, VerificationError)) as caught:
        parse()
    assert caught.value.code == code


def parsed_or_refused(code: str, parse: Callable[[bytes], Parsed], data: bytes) -> Parsed | None:
    """Parses; returns None if the library refuses with exactly this code."""
    try:
        return parse(data)
    except MalformedError as error:
        if error.code != code:
            raise
        return None
