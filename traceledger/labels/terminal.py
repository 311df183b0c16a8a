"""QR symbols on a terminal: two modules per character, on dark and light backgrounds alike."""

from __future__ import annotations

from traceledger.labels.symbol import QUIET, make_symbol

__all__ = ["draw_terminal"]

# Light modules are drawn on an explicit black background: scanners expect dark on light.
_BLOCKS = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_BLACK_WHITE, _PLAIN = "\033[40;97m", "\033[0m"


def draw_terminal(text: str) -> str:
    """Draws the symbol of a text with half blocks."""
    symbol = make_symbol(text)
    edge = (False,) * QUIET
    blank = (False,) * (symbol.size + 2 * QUIET)
    rows = [blank] * QUIET + [edge + row + edge for row in symbol.rows] + [blank] * QUIET
    if len(rows) % 2:
        rows.append(blank)
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        blocks = "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"{_BLACK_WHITE}{blocks}{_PLAIN}")
    return "\n".join(lines)
