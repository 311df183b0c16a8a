"""Reading labels: the texts of the symbols in an image."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from traceledger.errors import MalformedError

__all__ = ["MAX_PIXELS", "read_symbols"]

MAX_PIXELS = 50_000_000
_QR = zxingcpp.BarcodeFormat.QRCode


def read_symbols(data: bytes) -> tuple[str, ...]:
    """Reads all QR symbols in an image (PNG, JPEG and others that Pillow supports), each text once.

    Raises MalformedError `scan.image` for data that is not an image or has more than `MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MalformedError(
                    "scan.image",
                    f"{image.width} by {image.height} pixels given, {MAX_PIXELS:,} allowed",
                )
            grey = image.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise MalformedError("scan.image", "this is not an image that can be read") from error
    texts = (symbol.text for symbol in zxingcpp.read_barcodes(grey) if symbol.format == _QR)
    return tuple(dict.fromkeys(texts))
