"""Reading labels: the symbols in an image, and the address of a part in one of them."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from traceledger.errors import MalformedError, NotFoundError
from traceledger.identifiers.digital_link import DigitalLink, parse_link

__all__ = ["MAX_PIXELS", "read_label", "read_symbols"]

MAX_PIXELS = 50_000_000
# Pillow opens others too, EPS by running a PostScript interpreter on the stranger's file.
_FORMATS = ("PNG", "JPEG", "WebP", "GIF", "BMP")
# What Pillow raises for data that is not an image of these formats, or a broken one.
_FAULTS = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_QR = zxingcpp.BarcodeFormat.QRCode


def read_label(image: bytes) -> DigitalLink:
    """Reads the address of the part whose label is in an image; other codes are ignored.

    Raises NotFoundError `scan.none`, and MalformedError `scan.image` for several labels too.
    """
    links: dict[str, DigitalLink] = {}
    for text in read_symbols(image):
        try:
            links[text] = parse_link(text)
        except MalformedError:
            continue  # another code on the same part
    if not links:
        raise NotFoundError("scan.none", "no code in the picture holds the address of a part")
    if len(links) > 1:
        raise MalformedError("scan.image", f"{len(links)} labels are in the picture, 1 is allowed")
    return next(iter(links.values()))


def read_symbols(data: bytes) -> tuple[str, ...]:
    """Reads all QR symbols in an image (PNG, JPEG, WebP, GIF or BMP), each text once.

    Raises MalformedError `scan.image` for data that is not an image or has more than `MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MalformedError(
                    "scan.image",
                    f"{image.width} by {image.height} pixels given, {MAX_PIXELS:,} allowed",
                )
            grey = image.convert("L")
    except _FAULTS as error:
        formats = f"{', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}"
        raise MalformedError(
            "scan.image", f"this is not a {formats} image that can be read"
        ) from error
    texts = (symbol.text for symbol in zxingcpp.read_barcodes(grey) if symbol.format == _QR)
    return tuple(dict.fromkeys(texts))
