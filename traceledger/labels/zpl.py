"""Labels as ZPL II, the language of most label printers: one bitmap, printed alike everywhere.

Source: Zebra's ZPL II programming guide: ^PW width and ^LL length in dots, ^GFA a bitmap in
hexadecimal, row by row, 1 for black, each row padded to whole bytes.
"""

from __future__ import annotations

from pathlib import Path

from traceledger.labels.label import Label
from traceledger.labels.png import Drawn, draw_image
from traceledger.labels.symbol import Symbol

__all__ = ["draw_zpl"]


def draw_zpl(label: Label, symbol: Symbol, dpi: int, font: Path | None = None) -> Drawn:
    """Formats a label for a printer of that resolution; fonts as in `draw_png`."""
    image, left_out = draw_image(label, symbol, dpi, font)
    row = -(-image.width // 8)
    bitmap = image.tobytes("raw", "1;I")  # I: black is 1, as in ZPL
    size = len(bitmap)
    lines = (
        "^XA",
        f"^PW{image.width}",
        f"^LL{image.height}",
        f"^FO0,0^GFA,{size},{size},{row},{bitmap.hex().upper()}^FS",
        "^XZ",
        "",
    )
    return Drawn("\n".join(lines).encode("ascii"), left_out)
