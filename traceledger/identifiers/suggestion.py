"""Suggestions for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["suggest"]

_MAX_LENGTH = 64


def suggest(name: str, known: Iterable[str]) -> str:
    """Returns ` (did you mean 'x'?)` with the known name closest to a misspelt name, else ""."""
    # The comparison takes quadratic time, and a longer text is not a misspelt name.
    if len(name) > _MAX_LENGTH:
        return ""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    return f" (did you mean '{close[0]}'?)" if close else ""
