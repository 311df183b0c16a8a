"""Drawing labels in any of the formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from traceledger.labels.label import Label
from traceledger.labels.pdf import Paper, draw_pdf
from traceledger.labels.png import Drawn, draw_png
from traceledger.labels.svg import draw_svg
from traceledger.labels.symbol import Symbol
from traceledger.labels.zpl import draw_zpl

__all__ = ["Format", "Style", "draw_labels"]

Format = Literal["svg", "png", "pdf", "zpl"]


class Style(NamedTuple):
    """How labels are drawn: the printer's dots per inch, the paper of a PDF, a font for all text.

    Without a font, SVG leaves the choice to the viewer; the other formats use installed fonts.
    """

    dpi: int = 300
    paper: Paper = "a4"
    font: Path | None = None


def draw_labels(kind: Format, labels: Sequence[tuple[Label, Symbol]], style: Style) -> Drawn:
    """Draws labels as one file; SVG and PNG contain one label, PDF and ZPL at least one.

    Raises UsageError `usage.option` for a resolution or font that cannot be used, `label.size` for
    a label that is larger than its paper.
    """
    if kind == "pdf":
        return draw_pdf(labels, style.dpi, paper=style.paper, font=style.font)
    if kind == "zpl":
        drawn = [draw_zpl(label, symbol, style.dpi, style.font) for label, symbol in labels]
        left_out = tuple(text for part in drawn for text in part.left_out)
        return Drawn(b"".join(part.data for part in drawn), left_out)
    ((label, symbol),) = labels
    if kind == "svg":
        return Drawn(draw_svg(label, symbol, style.dpi), ())
    return draw_png(label, symbol, style.dpi, style.font)
