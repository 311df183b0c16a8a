"""Labels as ZPL II, the language of most label printers: one bitmap, printed alike everywhere.

Source: Zebra's ZPL II programming guide: ^PW width and ^LL length in dots, ^GFA a bitmap in
hexadecimal, row by row, 1 for black, each row padded to whole bytes.
"""

from __future__ import annotations

from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label
from traceledger.labels.png import draw_image
from traceledger.labels.symbol import Symbol

__all__ = ["draw_zpl"]


def draw_zpl(label: Label, symbol: Symbol, dpi: int, fonts: Fonts) -> bytes:
    """Formats a label for a printer of that resolution."""
    image = draw_image(label, symbol, dpi, fonts)
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
    return "\n".join(lines).encode("ascii")
