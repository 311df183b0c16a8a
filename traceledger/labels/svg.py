"""Labels as SVG: the symbol as one path of runs, the text in a font of the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from traceledger.labels.label import Label
from traceledger.labels.layout import Placed, lay_out, module_dots
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["draw_svg"]

_FONTS = (
    "'Noto Sans','Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',"
    "'PingFang SC','WenQuanYi Micro Hei',sans-serif"
)
_MM_PER_INCH = 25.4


def draw_svg(label: Label, symbol: Symbol, dpi: int) -> bytes:
    """Draws a label at its printed size, so that modules are whole printer dots."""
    layout = lay_out(label, symbol)
    module = module_dots(dpi) * _MM_PER_INCH / dpi
    texts = "".join(map(_text, layout.lines))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg"'
        f' width="{layout.width * module:.3f}mm" height="{layout.height * module:.3f}mm"'
        f' viewBox="0 0 {layout.width} {layout.height}">'
        f"<title>{escape(label.link)}</title>"
        f'<rect width="{layout.width}" height="{layout.height}" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{"".join(_runs(symbol))}"/>'
        f'<g font-family="{_FONTS}">{texts}</g></svg>\n'
    ).encode()


def _runs(symbol: Symbol) -> Iterator[str]:
    for y, row in enumerate(symbol.rows, QUIET):
        x = QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _text(placed: Placed) -> str:
    weight = ' font-weight="bold"' if placed.line.bold else ""
    return (
        f'<text x="{placed.x:.2f}" y="{placed.y:.2f}" font-size="{placed.height:.2f}"{weight}>'
        f"{escape(placed.line.text)}</text>"
    )
