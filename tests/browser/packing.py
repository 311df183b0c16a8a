"""Packed units with what their makers may write, and photos of them."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from PIL import Image

from tests.pages.shop import Shop

__all__ = ["pack", "photo", "picture"]


def photo(shows: str, url: str, data: bytes) -> dict[str, str]:
    """A signed photo with these bytes, without an address if `url` is empty."""
    digest = hashlib.sha256(data).hexdigest()
    address = {"url": url} if url else {}
    return {"shows": shows, "sha256": digest, "media_type": "image/png", **address}


def picture() -> bytes:
    """A small PNG."""
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "navy").save(data, "PNG")
    return data.getvalue()


def pack(shop: Shop, approval: dict[str, Any], packing: dict[str, Any]) -> str:
    """A packed unit with these fields."""
    item = shop.new("TESTED")
    shop.log.add("approve", item, approval, by="approver")
    shop.log.add("pack", item, packing, by="operator")
    return item
