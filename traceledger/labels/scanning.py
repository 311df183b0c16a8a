"""Reading labels: the texts of the symbols in a picture."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from traceledger.errors import MalformedError

__all__ = ["MAX_PIXELS", "read_symbols"]

MAX_PIXELS = 50_000_000
_QR = zxingcpp.BarcodeFormat.QRCode


def read_symbols(data: bytes) -> tuple[str, ...]:
    """Reads all QR symbols of a picture (PNG, JPEG and what else Pillow knows), each text once.

    Raises MalformedError `scan.image` for what is not a picture or has more than `MAX_PIXELS`.
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
        raise MalformedError("scan.image", "this is not a picture that can be read") from error
    found = (one.text for one in zxingcpp.read_barcodes(grey) if one.format == _QR)
    return tuple(dict.fromkeys(found))
