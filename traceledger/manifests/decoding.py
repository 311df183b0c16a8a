"""Decoding a text file without guessing its encoding."""

from __future__ import annotations

import re
from typing import get_args

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.conventions import Encoding

__all__ = ["decode"]

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CODECS: dict[Encoding, str] = {
    "UTF-8": "utf-8-sig",
    "GBK": "gbk",
    "windows-1252": "cp1252",
    "Shift-JIS": "cp932",
}

_THREE_BYTES = "\u0800"
# Characters that take two bytes in UTF-8, except common Latin, Greek and Cyrillic letters.
_UNLIKELY = re.compile("[\u0180-\u036f\u0530-\u07ff]")
# A run of Chinese characters, with any adjacent Latin letters.
_HAN = re.compile(r"([A-Za-z]?)([\u3400-\u9fff\uf900-\ufaff]+)(?=([A-Za-z]?))")


def decode(data: bytes, encoding: Encoding | None = None) -> tuple[str, Encoding]:
    """Returns the text and its encoding: the given one, else UTF-8 if it is valid, else GBK.

    Refuses UTF-16, NUL bytes and mixed encodings (`manifest.form`), and, unless an encoding is
    given, text that is implausible in the detected encoding (`manifest.encoding`).
    """
    if data.startswith(_UTF16_MARKS):
        raise _refused("the file is encoded in UTF-16; save it as CSV UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise _refused(
            f"line {_line(data, at)} contains a NUL byte; the file is damaged or not a text file"
        )
    if encoding is not None:
        return _decode_as(data, encoding), encoding
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        not_utf8 = _line(data, error.start)
    else:
        if not data.startswith(_UTF8_MARK):
            _check_utf8(text, data)
        return text, "UTF-8"
    if data.startswith(_UTF8_MARK):
        raise _refused(
            f"the file begins with a UTF-8 byte order mark, but line {not_utf8} is not UTF-8"
        )
    if line := _utf8_line(data):
        raise _refused(
            f"line {line} is UTF-8, but line {not_utf8} is not; use one encoding throughout"
        )
    try:
        text = data.decode("gbk")
    except UnicodeDecodeError as error:
        raise _refused(
            f"line {not_utf8} is not UTF-8, and line {_line(data, error.start)} is not GBK;"
            " specify any other encoding with --encoding"
        ) from error
    _check_gbk(text)
    return text, "GBK"


def _decode_as(data: bytes, encoding: Encoding) -> str:
    try:
        return data.decode(_CODECS[encoding])
    except UnicodeDecodeError as error:
        raise _refused(
            f"line {_line(data, error.start)} is not {encoding}, the specified encoding"
        ) from error


def _check_utf8(text: str, data: bytes) -> None:
    """Refuses GBK text that happens to be valid UTF-8.

    A GBK character can be a valid two-byte character in UTF-8, usually a letter of a script that is
    unlikely in these files. A three-byte character shows that the file is in fact UTF-8.
    """
    odd = next((match for match in _UNLIKELY.finditer(text) if match[0].isalpha()), None)
    if odd and max(text) < _THREE_BYTES and _is_gbk(data):
        line = text.count("\n", 0, odd.start()) + 1
        raise _ambiguous(line, text[max(0, odd.start() - 12) : odd.end() + 12], "UTF-8")


def _is_gbk(data: bytes) -> bool:
    try:
        data.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


def _ambiguous(line: int, word: str, encoding: Encoding) -> MalformedError:
    return MalformedError(
        "manifest.encoding",
        f"decoded as {encoding}, line {line} contains {excerpt(word.strip())}; specify the"
        f" encoding: --encoding {' or '.join(get_args(Encoding))}",
    )


def _check_gbk(text: str) -> None:
    """Refuses text for which another encoding is more plausible than GBK.

    In windows-1252, an accented letter and the letter after it form one GBK character, usually a
    rare one outside GB 2312. Most Japanese text in Shift-JIS also decodes to such characters.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.isascii():
            continue
        for match in _HAN.finditer(line):
            before, run, after = match.groups()
            between_letters = len(run) == 1 and before and after
            if _is_rare(run) or (between_letters and not _is_common(run)):
                word = line[max(0, match.start(2) - 12) : match.end(2) + 12]
                raise _ambiguous(number, word, "GBK")


def _is_rare(run: str) -> bool:
    """Reports whether more than half of the characters are outside GB 2312."""
    return len(run.encode("gb2312", "ignore")) < len(run)


def _is_common(character: str) -> bool:
    """Reports whether the character is in level 1 of GB 2312, the frequently used characters."""
    return b"\xb0" <= character.encode("gb2312", "ignore")[:1] <= b"\xd7"


def _utf8_line(data: bytes) -> int:
    """Returns the number of the first line that is certainly UTF-8, 0 if there is none.

    GBK text is often valid two-byte UTF-8 by chance, but hardly ever valid three-byte UTF-8. Every
    Chinese character takes three bytes in UTF-8.
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            continue
        if max(text) >= _THREE_BYTES:
            return number
    return 0


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refused(message: str) -> MalformedError:
    return MalformedError("manifest.form", message)
