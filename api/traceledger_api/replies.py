"""Responses: JSON, entity tags, cache lifetimes, compression and content negotiation."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

__all__ = [
    "IMMUTABLE",
    "LINKSET",
    "NO_CACHE",
    "PASSPORT",
    "accepts",
    "accepts_gzip",
    "pack",
    "prefers_page",
    "reply",
    "reply_json",
]

IMMUTABLE = "public, max-age=31536000, immutable"
NO_CACHE = "no-cache"
LINKSET = "application/linkset+json"
_HTML, _PROBLEM = "text/html", "application/problem+json"
PASSPORT = "application/vnd.traceledger.passport+json"

# A passport of 17 kB takes 7 kB after 0.1 ms, and phones fetch it over poor networks. Longer bodies
# are not compressed: compression blocks the event loop.
_PACKED = range(1024, 256 * 1024)
_encode = msgspec.json.Encoder().encode


def reply(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    cache: str = NO_CACHE,
    headers: Mapping[str, str] | None = None,
    packed: bytes = b"",
) -> Response:
    """Responds with bytes, or with 304 to a client that has them.

    A response that depends on the caller is never stored by a shared cache. JSON of moderate length
    is compressed; `packed` is the body compressed in advance (gzip).
    """
    personal = "authorization" in request.headers
    more = {"Cache-Control": "private, no-cache" if personal else cache, **(headers or {})}
    if packed or (media_type.endswith("json") and len(body) in _PACKED):
        body = pack(request, body, more, packed)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    more["ETag"] = tag
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(None, 304, more)
    return Response(body, 200, more, media_type)


def pack(request: Request, body: bytes, headers: dict[str, str], packed: bytes = b"") -> bytes:
    """Compresses a body for a client that accepts gzip, and sets the headers."""
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary", ""), "Accept-Encoding")))
    if not accepts_gzip(request.headers.get("accept-encoding", "")):
        return body
    headers["Content-Encoding"] = "gzip"
    return packed or gzip.compress(body, 6, mtime=0)


def reply_json(
    request: Request, data: Any, *, cache: str = NO_CACHE, headers: Mapping[str, str] | None = None
) -> Response:
    """Responds with JSON."""
    vary = {"Vary": "Authorization", **(headers or {})}
    return reply(request, _encode(data), "application/json", cache=cache, headers=vary)


def accepts(header: str, offered: tuple[str, ...]) -> str:
    """Picks the offered media type that an Accept header prefers, or the first.

    RFC 9110 section 12.5.1: the most specific range decides, then the weight, then our order.
    """
    ranges = [_range(part) for part in header.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    weights = {media: _weight(media, ranges) for media in offered}
    best = max(offered, key=lambda media: weights[media])
    return best if weights[best] > 0 else offered[0]


def prefers_page(headers: Mapping[str, str]) -> bool:
    """Reports whether a request asks for a page for people rather than for data."""
    return accepts(headers.get("accept", ""), ("application/json", _PROBLEM, _HTML)) == _HTML


def accepts_gzip(header: str) -> bool:
    """Reports whether an Accept-Encoding header accepts gzip (RFC 9110 section 12.5.3)."""
    weights = dict(_range(part) for part in header.split(",") if part.strip())
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = min(max(float(value), 0.0), 1.0)
            except ValueError:
                weight = 0.0
    return media.lower(), weight


def _weight(media: str, ranges: list[tuple[str, float]]) -> float:
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        found = [weight for name, weight in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0
