"""Files of events to append: drafts as JSON in any layout, or signed events, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError, TraceledgerError
from traceledger.events.draft import Draft, parse_draft
from traceledger.identifiers.excerpt import printable

__all__ = ["RequestFile", "parse_request_file"]

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANKS = " \t\r\n"


class RequestFile(NamedTuple):
    """The drafts or the signed events of a file; one of the two is empty."""

    drafts: tuple[Draft, ...]
    wires: tuple[bytes, ...]


class _Value(NamedTuple):
    """A JSON value of a file: its line, its bytes and whether it is a text."""

    line: int
    data: bytes
    is_text: bool


def parse_request_file(data: bytes) -> RequestFile:
    """Parses a file of drafts or of signed events.

    Drafts are JSON objects: one a line, printed over several lines, or in an array. Signed events
    are in wire form, one a line, also as JSON texts. A byte order mark is removed and UTF-16 is
    converted. Raises MalformedError `draft.form` or `event.kind` with the line.
    """
    content = _decode(data)
    values = _read_lines(content) if _has_lines(content) else list(_read_values(content.decode()))
    drafts = [value for value in values if not value.is_text]
    texts = [value for value in values if value.is_text]
    if drafts and texts:
        raise MalformedError(
            "draft.form",
            "a file contains drafts or signed events, not both",
            where=f"lines {drafts[0].line}, {texts[0].line}",
        )
    return RequestFile(
        tuple(_parse(value) for value in drafts), tuple(value.data for value in texts)
    )


def _decode(data: bytes) -> bytes:
    try:
        if data.startswith(_UTF16_MARKS):
            return data.decode("utf-16").encode()
        content = data.removeprefix(_UTF8_MARK)
        if not _has_lines(content):
            content.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("draft.form", f"the file is not UTF-8: {error}") from error
    return content


def _has_lines(content: bytes) -> bool:
    """Reports whether each line is a separate event, judged by the first line."""
    first = next((line.strip() for line in content.splitlines() if line.strip()), b"")
    return not first.startswith(b"[") and (not first.startswith(b"{") or first.endswith(b"}"))


def _read_lines(content: bytes) -> list[_Value]:
    stripped = ((number, line.strip()) for number, line in enumerate(content.splitlines(), 1))
    return [
        _Value(number, line, is_text=False)
        if line.startswith(b"{")
        else _Value(number, line.removeprefix(b'"').removesuffix(b'"'), is_text=True)
        for number, line in stripped
        if line
    ]


def _read_values(text: str) -> Iterator[_Value]:
    """Reads the values of an array, or values that follow each other without separators."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    in_array = text.startswith("[", at)
    at = _skip(text, at + 1) if in_array else at
    line, counted = 1, 0
    while at < len(text) and not (in_array and text[at] == "]"):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
            if isinstance(value, str):
                yield _Value(line, value.encode(), is_text=True)
            else:
                compact = msgspec.json.format(text[at:end].encode(), indent=-1)
                yield _Value(line, compact, is_text=False)
        except (ValueError, RecursionError, msgspec.DecodeError) as error:
            message = f"not JSON: {printable(str(error), 120)}"
            raise MalformedError("draft.form", message, where=f"line {line}") from error
        at = _skip(text, end)
        if in_array and text.startswith(",", at):
            at = _skip(text, at + 1)
        elif in_array and not text.startswith("]", at):
            raise MalformedError("draft.form", "the array has no , or ] here", where=f"line {line}")
    if in_array and text[at:].strip(_BLANKS) != "]":
        raise MalformedError("draft.form", "the file does not end with the array")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _parse(value: _Value) -> Draft:
    try:
        return parse_draft(value.data)
    except TraceledgerError as error:
        raise error.at(f"line {value.line}") from error
