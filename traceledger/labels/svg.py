"""Labels as SVG: the symbol as one path of runs, the text as one path of outlines."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label
from traceledger.labels.layout import Placed, lay_out, module_dots
from traceledger.labels.outlines import Step
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["draw_svg"]

_MM_PER_INCH = 25.4
_COMMANDS = {"move": "M", "line": "L", "curve": "C", "close": "Z"}


def draw_svg(label: Label, symbol: Symbol, dpi: int, fonts: Fonts) -> bytes:
    """Draws a label at its printed size, so that modules are whole printer dots.

    The text needs no font where it is viewed or printed; programs read it in the description.
    """
    layout = lay_out(label, symbol, fonts)
    module = module_dots(dpi) * _MM_PER_INCH / dpi
    words = "\n".join(line.text for line in label.lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' width="{layout.width * module:.3f}mm" height="{layout.height * module:.3f}mm"'
        f' viewBox="0 0 {layout.width} {layout.height}">'
        f"<title>{escape(label.link)}</title><desc>{escape(words)}</desc>"
        f'<rect width="{layout.width}" height="{layout.height}" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{"".join(_runs(symbol, layout.top))}"/>'
        f'<path d="{"".join(_letters(layout.lines))}"/></svg>\n'
    ).encode()


def _runs(symbol: Symbol, top: int) -> Iterator[str]:
    for y, row in enumerate(symbol.rows, top):
        x = QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _letters(lines: tuple[Placed, ...]) -> Iterator[str]:
    for placed in lines:
        for step in placed.outline.steps:
            yield _COMMANDS[step.kind] + _points(step, placed)


def _points(step: Step, placed: Placed) -> str:
    return " ".join(
        f"{placed.x + x * placed.height:.2f} {placed.y + y * placed.height:.2f}"
        for x, y in step.points
    )
