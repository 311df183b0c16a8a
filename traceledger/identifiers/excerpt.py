"""Quoting untrusted values in error messages."""

from __future__ import annotations

__all__ = ["excerpt"]

_MAX_LENGTH = 48


def excerpt(value: str) -> str:
    """Quotes at most 48 characters of a value and escapes everything unprintable.

    Messages go to terminals and logs, which control and bidirectional characters must not reach.
    """
    shown = repr(value[:_MAX_LENGTH])
    return shown if len(value) <= _MAX_LENGTH else f"{shown}… ({len(value):,} characters)"
