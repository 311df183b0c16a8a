"""From the bytes of a file to its text."""

from __future__ import annotations

from traceledger.errors import MalformedError

__all__ = ["MOST_BYTES", "decode"]

MOST_BYTES = 64 * 1024 * 1024

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def decode(data: bytes) -> tuple[str, str]:
    """Returns the text and the name of its encoding: UTF-8 if the bytes are that, else GBK.

    At most 64 MiB. Refused are spreadsheets, UTF-16, NUL bytes and files of mixed encodings.
    """
    if len(data) > MOST_BYTES:
        raise _refused(f"the file has {len(data):,} bytes; allowed are {MOST_BYTES:,}")
    if not data.removeprefix(_UTF8_MARK).strip():
        raise _refused("the file is empty; it needs a row of headings and at least one more row")
    if data.startswith(_WORKBOOKS):
        raise _refused("the file is a workbook, not a CSV file; save the sheet as CSV UTF-8")
    if data.startswith(_UTF16_MARKS):
        raise _refused("the file is in UTF-16; save it as CSV UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise _refused(f"line {_line(data, at)} holds a NUL byte; the file is not text or damaged")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        not_utf8 = _line(data, error.start)
    if data.startswith(_UTF8_MARK):
        raise _refused(f"the file says that it is in UTF-8, but line {not_utf8} is not")
    if line := _utf8_line(data):
        raise _refused(
            f"line {line} is in UTF-8, but line {not_utf8} is not; allowed is one or GBK"
        )
    try:
        return data.decode("gbk"), "GBK"
    except UnicodeDecodeError as error:
        raise _refused(
            f"line {not_utf8} is not in UTF-8 and line {_line(data, error.start)} not in GBK;"
            " allowed are these two"
        ) from error


def _utf8_line(data: bytes) -> int:
    """Returns the first line that can only be meant as UTF-8, 0 if there is none.

    Two bytes of GBK are UTF-8 by chance often enough, three bytes in a row hardly ever are; and
    three is what every Chinese character takes in UTF-8.
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            continue
        if max(text) >= "\u0800":
            return number
    return 0


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refused(message: str) -> MalformedError:
    return MalformedError("manifest.form", message)
