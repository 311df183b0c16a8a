"""What an error message quotes of a value that somebody else wrote."""

from __future__ import annotations

__all__ = ["excerpt"]

_MOST = 48


def excerpt(given: str) -> str:
    """The value in quotes, at most 48 characters of it, with everything unprintable escaped.

    A message goes to terminals and logs, so no control or direction character may reach them.
    """
    shown = repr(given[:_MOST])
    return shown if len(given) <= _MOST else f"{shown}… ({len(given):,} characters)"
