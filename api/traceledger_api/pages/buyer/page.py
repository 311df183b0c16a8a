"""The pages as HTML: one template each, escaped by Jinja, without inline script or style."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from traceledger_api.pages.assets import MODULES
from traceledger_api.pages.buyer.stated import read_stated
from traceledger_api.pages.buyer.status import Status
from traceledger_api.pages.words import LANGUAGES, Words
from traceledger_api.scans import Scans

__all__ = ["HEADERS", "Site", "render_part", "render_status", "render_unknown"]

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Vary": "Accept, Accept-Language, Authorization",
    }
)
"""The headers of every page: no inline script or style, nothing remote, no frames."""

_SERVER_WORDS = ("unknown.", "large.", "find.")
"""The beginnings of the keys that only templates use; the page's script has all others."""


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses that a page uses, and the contact for problems.

    `fallback` is the address of the Ed25519 implementation in JavaScript, empty where it is not
    installed; `contact` is an e-mail or https address, or empty.
    """

    host: str
    static: str = "/static"
    passport: str = "/api/v1/items/{item}/passport"
    trust: str = "/.well-known/traceledger/trust.json"
    checker: str = "/static/verify.html"
    fallback: str = ""
    contact: str = ""

    def passport_of(self, item: str) -> str:
        """Returns the address of an item's passport."""
        return self.passport.format(item=quote(item))


def render_part(
    passport: bytes,
    report: Mapping[str, Any],
    site: Site,
    words: Words,
    scans: Scans | None = None,
) -> str:
    """Renders the frame of a part's page, with what the site claims about the part.

    The reader's browser draws the page itself, from the events that it has verified. Readers
    without JavaScript see the claims of the site, marked as such. Raises MalformedError for a
    passport in the wrong form.
    """
    stated = read_stated(passport, report)
    script = {
        "language": words.language,
        "passport": site.passport_of(stated.item),
        "trust": site.trust,
        "catalogue": f"{site.static}/catalogue.json",
        "fallback": site.fallback,
        "checker": site.checker,
        "host": site.host,
        "contact": site.contact,
        "scans": _describe_scans(scans),
        "words": words.without(_SERVER_WORDS),
    }
    template = _environment().get_template("part.html")
    return template.render(**_common(site, words), stated=stated, script=script, modules=MODULES)


def _describe_scans(scans: Scans | None) -> dict[str, Any]:
    if scans is None:
        return {"warnings": ()}
    first = {"first": scans.first.isoformat()} if scans.first else {}
    return {"total": scans.total, **first, "warnings": scans.warnings}


def render_status(status: Status, site: Site, words: Words) -> str:
    """Renders the page of a part whose full record is too large."""
    return _environment().get_template("status.html").render(**_common(site, words), status=status)


def render_unknown(site: Site, words: Words) -> str:
    """Renders the page for an unknown unit, which is sent with status 404."""
    return _environment().get_template("unknown.html").render(**_common(site, words))


def _common(site: Site, words: Words) -> dict[str, Any]:
    return {"site": site, "t": words, "languages": LANGUAGES}


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("traceledger_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
