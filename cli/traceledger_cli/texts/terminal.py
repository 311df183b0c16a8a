"""Text for terminals: strangers' text must neither control the terminal nor reorder a line.

Hebrew and Arabic letters are legitimate, but the Unicode Bidirectional Algorithm (UAX #9) also
moves what is beside them: punctuation, digits and whole columns. So each run of such letters is
isolated. A run ends at anything that a report places between two values.

Styles are escape sequences too. Those of this program carry a number that strangers cannot know.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

import click

from traceledger.identifiers.excerpt import printable

__all__ = ["BREAKS", "for_terminal", "style"]

BREAKS = "\n\t"
"""Characters with a meaning on a terminal that texts of this program contain."""

_ISOLATE, _END = "\u2068", "\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE
# All characters of the classes R, AL and AN are in these blocks; tests derive them again.
_RIGHT = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
_RUN = re.compile(rf"{_RIGHT}(?:[ .'\"’-]?{_RIGHT})*")
_OWN = f"{1_000 + secrets.randbelow(10**9)}"  # beyond every parameter that a style has
_STYLE = re.compile(rf"(\x1b\[[0-9;]*;{_OWN}m)")


def style(text: str, **styles: Any) -> str:
    """Styles a text as `click.style` does, so that `for_terminal` knows the style as our own."""
    begin, _, end = click.style("\0", **styles).partition("\0")
    return f"{_own(begin)}{text}{_own(end)}"


def for_terminal(text: str, encoding: str) -> str:
    """Escapes everything unprintable but line ends, tabs and the styles that `style` gave.

    Isolates right-to-left runs.

    Where the terminal's encoding lacks the characters that isolate, the runs are escaped too.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(
        part.replace(f";{_OWN}m", "m") if place % 2 else printable(part, keep=BREAKS)
        for place, part in enumerate(_STYLE.split(text))
    )
    return _RUN.sub(_isolate if _carries(encoding) else _escape, shown)


def _own(sequences: str) -> str:
    return sequences.replace("m", f";{_OWN}m")


def _carries(encoding: str) -> bool:
    try:
        (_ISOLATE + _END).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _isolate(run: re.Match[str]) -> str:
    return f"{_ISOLATE}{run[0]}{_END}"


def _escape(run: re.Match[str]) -> str:
    return run[0].encode("ascii", "backslashreplace").decode()
