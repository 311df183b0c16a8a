"""Untrusted text in messages and on terminals: control and format characters are escaped."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["excerpt", "printable", "quote"]

_MAX_LENGTH = 48


def printable(text: str, maximum: int | None = None, *, keep: str = "") -> str:
    """Escapes everything unprintable except the characters in `keep`, after `maximum` characters.

    Messages go to terminals and logs, which control and bidirectional characters must not reach.
    """
    if maximum is not None and len(text) > maximum:
        text = text[: maximum - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def excerpt(value: str) -> str:
    """Quotes at most 48 characters of a text and escapes everything unprintable."""
    shown = repr(value[:_MAX_LENGTH])
    return shown if len(value) <= _MAX_LENGTH else f"{shown}… ({len(value):,} characters)"


def quote(value: Any) -> str:
    """Formats a value of JSON: at most 80 characters, with everything unprintable escaped."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    except RecursionError:
        text = "[[[…"
    return printable(text, 80)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
