"""Standard streams that escape characters which their encoding lacks."""

from __future__ import annotations

import codecs
import io
import sys

__all__ = ["escape_unencodable"]

_HANDLER = "traceledger_cli.escape"


def escape_unencodable() -> None:
    r"""Makes stdout and stderr write `\uXXXX` for a character that their encoding lacks.

    Output must not fail after an event was written. JSON stays valid with these escapes.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    units = text.encode("utf-16-be", "surrogatepass")
    escaped = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    return escaped, error.end
