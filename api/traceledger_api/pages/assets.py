"""The files of the pages: style, scripts and the verifier. Nothing is loaded from elsewhere.

Their addresses contain the hash of all files, so they can be cached for ever and a page never runs
with files of another version.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotFoundError
from traceledger_api.pages.scripts import compact, join_modules, join_style
from traceledger_api.replies import IMMUTABLE, NO_CACHE, reply

__all__ = ["Assets", "load_assets", "router"]

router = APIRouter(include_in_schema=False)

FALLBACK = "noble-ed25519.js"
_MEDIA = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
}
_NAMES = (
    *("catalogue.json", "ed25519.js", "find.css", "icon.svg", "noscript.css"),
    *("share.png", "touch-icon.png"),
    *("customs.js", "customs-login.js"),
)
_SCRIPTS = ("buyer", "copied", "copied-find", "find")
_STYLES = ("buyer", "customs")
_CHECKER = "verify.html"


class Asset(NamedTuple):
    """A file, plain and compressed (gzip)."""

    data: bytes
    packed: bytes
    media: str


class Assets(NamedTuple):
    """All files by name, and their version: the prefix of a hash over all of them."""

    version: str
    files: Mapping[str, Asset]

    @property
    def has_fallback(self) -> bool:
        """Whether the Ed25519 implementation in JavaScript is installed."""
        return FALLBACK in self.files


@functools.cache
def load_assets() -> Assets:
    """Reads and compresses the files, once per process."""
    folder = resources.files("traceledger_api") / "static"
    fallback = folder / "vendor" / FALLBACK
    found = {name: (folder / name).read_bytes() for name in (*_NAMES, _CHECKER)}
    found |= {f"{name}.js": join_modules(f"{name}.js").encode() for name in _SCRIPTS}
    found |= {f"{name}.css": join_style(name).encode() for name in _STYLES}
    for name in found:
        if name.endswith((".js", ".css")):
            found[name] = compact(found[name].decode()).encode()
    if fallback.is_file():
        found[FALLBACK] = fallback.read_bytes()
    digest = hashlib.sha256()
    for name, data in found.items():
        digest.update(b"%b %d\n%b" % (name.encode(), len(data), data))
    files = {
        name: Asset(data, gzip.compress(data, 9, mtime=0), _MEDIA[name.rpartition(".")[2]])
        for name, data in found.items()
    }
    return Assets(digest.hexdigest()[:16], files)


@router.get("/static/{version}/{name}")
async def asset(request: Request, version: str, name: str) -> Response:
    """Returns a file; an address of another version is not found, so versions never mix."""
    assets = load_assets()
    found = assets.files.get(name)
    if found is None or version != assets.version:
        raise NotFoundError("request.address", "there is nothing at this address")
    return _send(request, found, IMMUTABLE, {})


@router.get("/verify.html")
async def checker(request: Request) -> Response:
    """Returns the page that verifies a saved passport; its head contains its own policy."""
    policy = {"Content-Security-Policy": "frame-ancestors 'none'"}
    return _send(request, load_assets().files[_CHECKER], NO_CACHE, policy)


def _send(request: Request, found: Asset, cache: str, more: Mapping[str, str]) -> Response:
    return reply(request, found.data, found.media, cache=cache, headers=more, packed=found.packed)
