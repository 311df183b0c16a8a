"""From the bytes of a text file to its text."""

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
# Letters beyond those of Latin, Greek and Cyrillic that UTF-8 writes in two bytes.
_UNLIKELY = re.compile("[\u0180-\u036f\u0530-\u07ff]")
# A run of Chinese characters, with the letter on either side if there is one.
_HAN = re.compile(r"([A-Za-z]?)([\u3400-\u9fff\uf900-\ufaff]+)(?=([A-Za-z]?))")


def decode(data: bytes, encoding: Encoding | None = None) -> tuple[str, Encoding]:
    """Returns the text and its encoding: the one given, else UTF-8 if the bytes are that, else GBK.

    Refused are UTF-16, NUL bytes, files of mixed encodings, and, unless GBK was asked for, text
    that is GBK by chance only (`manifest.encoding`).
    """
    if data.startswith(_UTF16_MARKS):
        raise _refused("the file is in UTF-16; save it as CSV UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise _refused(f"line {_line(data, at)} holds a NUL byte; the file is not text or damaged")
    if encoding is not None:
        return _decode_as(data, encoding), encoding
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        not_utf8 = _line(data, error.start)
    else:
        if not data.startswith(_UTF8_MARK):
            _check_no_chance(text, data)
        return text, "UTF-8"
    if data.startswith(_UTF8_MARK):
        raise _refused(f"the file says that it is in UTF-8, but line {not_utf8} is not")
    if line := _utf8_line(data):
        raise _refused(
            f"line {line} is in UTF-8, but line {not_utf8} is not; allowed is one or GBK"
        )
    try:
        text = data.decode("gbk")
    except UnicodeDecodeError as error:
        raise _refused(
            f"line {not_utf8} is not in UTF-8 and line {_line(data, error.start)} not in GBK;"
            " allowed: these two, or the encoding given with --encoding"
        ) from error
    _check_plausible(text)
    return text, "GBK"


def _decode_as(data: bytes, encoding: Encoding) -> str:
    try:
        return data.decode(_CODECS[encoding])
    except UnicodeDecodeError as error:
        raise _refused(
            f"line {_line(data, error.start)} is not in {encoding}, the encoding given"
        ) from error


def _check_no_chance(text: str, data: bytes) -> None:
    """Refuses text that is UTF-8 by chance, as a few Chinese characters in GBK may be.

    Two bytes of GBK are now and then two of UTF-8, and then mostly a letter of a script that such
    files do not hold; any character of three bytes shows that UTF-8 is meant.
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
        f"line {line} would be {excerpt(word.strip())} if the file were in {encoding};"
        f" say which it is: --encoding {' or '.join(get_args(Encoding))}",
    )


def _check_plausible(text: str) -> None:
    """Refuses text that another encoding explains better than GBK does.

    An accented letter of windows-1252 and the plain letter after it make one character of GBK,
    most often a rare one outside GB 2312; almost all Japanese in Shift-JIS lies there too.
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
    """Reports whether GB 2312 has the character on its first level, that of everyday use."""
    return b"\xb0" <= character.encode("gb2312", "ignore")[:1] <= b"\xd7"


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
        if max(text) >= _THREE_BYTES:
            return number
    return 0


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refused(message: str) -> MalformedError:
    return MalformedError("manifest.form", message)
