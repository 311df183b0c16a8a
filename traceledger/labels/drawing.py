"""Drawing labels in any of the formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label
from traceledger.labels.pdf import Paper, draw_pdf
from traceledger.labels.png import draw_png
from traceledger.labels.svg import draw_svg
from traceledger.labels.symbol import Symbol
from traceledger.labels.terminal import draw_txt
from traceledger.labels.zpl import draw_zpl

__all__ = ["Format", "Style", "draw_labels"]

Format = Literal["svg", "png", "pdf", "zpl", "txt"]


class Style(NamedTuple):
    """How labels are drawn: the printer's dots per inch, the paper of a PDF, a font to prefer.

    The text is in that font as far as it has the characters, else in the fonts that the extras
    install.
    """

    dpi: int = 300
    paper: Paper = "a4"
    font: Path | None = None


def draw_labels(kind: Format, labels: Sequence[tuple[Label, Symbol]], style: Style) -> bytes:
    """Draws labels as one file; PDF and ZPL contain at least one label, the others one.

    Raises UsageError: `usage.option` for a resolution or font that cannot be used, `label.font` for
    text that no font has, `label.size` for a label that is larger than its paper.
    """
    fonts = Fonts(style.font)
    if kind == "pdf":
        return draw_pdf(labels, style.dpi, fonts, paper=style.paper)
    if kind == "zpl":
        return b"".join(draw_zpl(label, symbol, style.dpi, fonts) for label, symbol in labels)
    ((label, symbol),) = labels
    if kind == "txt":
        return draw_txt(label, symbol)
    draw = draw_svg if kind == "svg" else draw_png
    return draw(label, symbol, style.dpi, fonts)
