"""The pages as HTML: one template each, escaped by Jinja, with no script or style inline."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from traceledger_api.pages.buyer.charts import WIDTH
from traceledger_api.pages.buyer.part import describe_part
from traceledger_api.pages.buyer.reading_order import read_history
from traceledger_api.pages.buyer.standing import STANDINGS, TONES
from traceledger_api.pages.words import LANGUAGES, Words
from traceledger_api.scans import Scans

__all__ = ["HEADERS", "Site", "render_part", "render_unknown"]

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
"""What every page is sent with. No inline script or style, nothing from elsewhere, no frames."""

_SCRIPT_WORDS = (
    *("record.", "reserve.", "unchecked.", "standing."),
    *("action.", "label.", "own_trust."),
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the page's own files are, and whom to tell about a problem.

    `fallback` is the address of the Ed25519 in JavaScript, empty where it was not installed;
    `contact` is an e-mail address or an https address, or empty.
    """

    host: str
    static: str = "/static"
    passport: str = "/api/v1/items/{item}/passport"
    trust: str = "/.well-known/traceledger/trust.json"
    checker: str = "/static/verify.html"
    fallback: str = ""
    contact: str = ""

    def passport_of(self, item: str) -> str:
        """The address of an item's passport."""
        return self.passport.format(item=quote(item))


def render_part(
    passport: bytes,
    report: Mapping[str, Any],
    site: Site,
    words: Words,
    scans: Scans | None = None,
) -> str:
    """Renders the page of a part from its passport and the report of the server's own check.

    The report is what readers without JavaScript are told, as a finding of the server's. Raises
    MalformedError where the passport's form is wrong.
    """
    part = describe_part(read_history(passport), report, words, scans)
    script = {
        "item": part.item,
        "standing": part.standing,
        "language": words.language,
        "passport": site.passport_of(part.item),
        "trust": site.trust,
        "catalogue": f"{site.static}/catalogue.json",
        "fallback": site.fallback,
        "tones": dict(TONES),
        "words": {
            key: text for prefix in _SCRIPT_WORDS for key, text in words.under(prefix).items()
        },
    }
    return (
        _environment()
        .get_template("part.html")
        .render(
            **_common(site, words), part=part, script=script, chart_width=WIDTH, standings=STANDINGS
        )
    )


def render_unknown(site: Site, words: Words) -> str:
    """Renders what is said of a number that the ledger does not know; to be sent with 404."""
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
