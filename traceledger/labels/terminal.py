"""Labels and QR symbols on a terminal: two modules per character, on any background."""

from __future__ import annotations

from traceledger.identifiers.excerpt import printable
from traceledger.labels.label import Label, Line
from traceledger.labels.symbol import QUIET, Symbol, make_symbol

__all__ = ["draw_terminal", "draw_txt"]

# Light modules are drawn on an explicit black background: scanners expect dark on light.
_BLOCKS = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_BLACK_WHITE, _BOLD, _PLAIN = "\033[40;97m", "\033[1m", "\033[0m"


def draw_txt(label: Label, symbol: Symbol) -> bytes:
    """Draws a label as text in UTF-8 for a terminal: the symbol, and under it the label's lines."""
    return "\n".join([_draw(symbol), *map(_write, label.lines), ""]).encode()


def draw_terminal(text: str) -> str:
    """Draws the symbol of a text with half blocks."""
    return _draw(make_symbol(text))


def _write(line: Line) -> str:
    text = printable(line.text)
    return " " * QUIET + (text if line.weight == "regular" else f"{_BOLD}{text}{_PLAIN}")


def _draw(symbol: Symbol) -> str:
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
