"""Passphrase files: a key must open later with the file that encrypted it."""

from __future__ import annotations

import pytest

from traceledger.errors import UsageError
from traceledger.events.passphrases import parse_new_passphrase, parse_passphrase

PHRASE = "correct horse Pferd 马"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_is_the_passphrase(end: str) -> None:
    data = f"{PHRASE}{end}".encode()
    assert parse_new_passphrase(data) == parse_passphrase(data) == PHRASE.encode()


@pytest.mark.parametrize(
    "data",
    [
        f"\ufeff{PHRASE}\n".encode(),
        f"{PHRASE}\n".encode("utf-16"),
        f"\ufeff{PHRASE}".encode("utf-16-be"),
        f"{PHRASE}\nsecond line\n".encode(),
        f"{PHRASE}\n\n".encode(),
        f"{PHRASE}\r\nsecond".encode(),
        f"{PHRASE}\rsecond".encode(),
    ],
)
def test_other_forms_are_read_but_refused_for_a_new_key(data: bytes) -> None:
    """Editors add marks and lines; a key encrypted with them would open with this file only."""
    assert parse_passphrase(data) == PHRASE.encode()
    with pytest.raises(UsageError) as caught:
        parse_new_passphrase(data)
    assert caught.value.code == "passphrase.form"


@pytest.mark.parametrize("data", [b"a\0b", b"a\x07", b"\xff\xfea", b"caf\xe9", b"a\tb"])
def test_unprintable_or_undecodable_passphrase_is_refused_for_a_new_key(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        parse_new_passphrase(data)
    assert caught.value.code == "passphrase.form"


def test_damaged_utf_16_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        parse_passphrase(b"\xff\xfea")
    assert caught.value.code == "passphrase.form"


def test_blanks_belong_to_the_passphrase() -> None:
    assert parse_new_passphrase(b" two words \n") == b" two words "


def test_empty_file_has_an_empty_passphrase() -> None:
    assert parse_new_passphrase(b"") == parse_passphrase(b"\n") == b""
