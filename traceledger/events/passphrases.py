"""Passphrases in files: the first line as UTF-8, however an editor saved the file."""

from __future__ import annotations

from traceledger.errors import UsageError

__all__ = ["parse_new_passphrase", "parse_passphrase"]

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def parse_passphrase(data: bytes) -> bytes:
    """Parses the passphrase of an existing key: the first line, in UTF-8 and without its line end.

    A byte order mark is removed, and UTF-16 is converted. Raises UsageError `passphrase.form` for
    UTF-16 that is damaged.
    """
    if data.startswith(_UTF16_MARKS):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise UsageError("passphrase.form", f"the UTF-16 is damaged: {error}") from error
    lines = data.removeprefix(_UTF8_MARK).splitlines()
    return lines[0] if lines else b""


def parse_new_passphrase(data: bytes) -> bytes:
    """Parses the passphrase for a new key; accepts only files that every program reads the same.

    Raises UsageError `passphrase.form` for a byte order mark, UTF-16, a control character or a
    second line.
    """
    if data.startswith((_UTF8_MARK, *_UTF16_MARKS)):
        raise UsageError("passphrase.form", "the file begins with a byte order mark")
    line = parse_passphrase(data)
    if data.removeprefix(line) not in {b"", b"\n", b"\r\n"}:
        raise UsageError("passphrase.form", "the file has a second line")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise UsageError("passphrase.form", "the file is not UTF-8") from error
    if not text.isprintable():
        raise UsageError("passphrase.form", "the passphrase contains an unprintable character")
    return line
