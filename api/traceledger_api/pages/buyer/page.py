"""The pages as HTML: one template each, escaped by Jinja, without inline script or style."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from traceledger.events.vocabulary import describe_vocabulary
from traceledger.formats.trust import TRUST_ADDRESS
from traceledger_api.notices import Notice
from traceledger_api.pages.buyer.stated import Stated, read_stated
from traceledger_api.pages.buyer.status import Status
from traceledger_api.pages.words import LANGUAGES, SERVER_WORDS, Words
from traceledger_api.scans import Scans

__all__ = [
    "FIND_HEADERS",
    "HEADERS",
    "Site",
    "render_copied",
    "render_copied_find",
    "render_find",
    "render_missing",
    "render_part",
    "render_status",
]

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
            " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
        "Vary": "Accept, Accept-Language, Authorization",
    }
)
"""The headers of every page: no inline script or style, nothing remote, no frames.

Photos that are loaded and verified are shown from memory, `blob:`. The camera reads codes: the
number of a part, and the fingerprint of a list of keys.
"""

FIND_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **HEADERS,
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "form-action 'none'", "form-action 'self'"
        ),
    }
)
"""Those of a page with the field for a number, which is a form."""


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses that a page uses, and the contact for problems.

    `origin` is the scheme and host, for programs that show a preview of a link. `root` is the path
    of the ledger's own address, without a slash at its end. `fallback` is the
    address of the Ed25519 implementation in JavaScript, empty where it is not installed; `contact`
    is an e-mail or https address, or empty.
    """

    host: str
    root: str = ""
    origin: str = ""
    static: str = "/static"
    passport: str = "/api/v1/items/{item}/passport"
    label: str = "/api/v1/items/{item}/label"
    former: str = "/api/v1/former/"
    trust: str = f"/{TRUST_ADDRESS}"
    checker: str = "/static/verify.html"
    fallback: str = ""
    contact: str = ""

    def passport_of(self, item: str) -> str:
        """Returns the address of an item's passport."""
        return self.passport.format(item=quote(item))

    def label_of(self, item: str) -> str:
        """Returns the address of an item's label."""
        return self.label.format(item=quote(item))


def render_part(
    passport: bytes,
    report: Mapping[str, Any],
    site: Site,
    words: Words,
    scans: Scans | None = None,
) -> tuple[str, Mapping[str, str]]:
    """Renders the frame of a page, with what the site claims about the part, and its headers.

    The reader's browser draws the page itself, from the events that it has verified. Readers
    without JavaScript see the claims of the site, marked as such. Raises MalformedError for a
    passport in the wrong form.
    """
    stated = read_stated(passport, report)
    script = {
        **_describe_part(stated, site, words, scans),
        "vocabulary": describe_vocabulary(words.language, stated.record),
        "words": words.without((*SERVER_WORDS, "checker.")),
    }
    template = _environment().get_template("part.html")
    page = template.render(**_common(site, words), stated=stated, script=script)
    return page, {**HEADERS, "Content-Security-Policy": _policy_for(stated)}


def render_copied(
    passport: bytes, report: Mapping[str, Any], site: Site, words: Words, texts: str
) -> str:
    """Renders the frame of a page for a static copy, one file for all readers.

    Its own script takes the words of the reader's language from the folder `texts`. A file server
    may send no policy, so the page contains its own.
    """
    stated = read_stated(passport, report)
    script = {
        **_describe_part(stated, site, words, None),
        "languages": tuple(LANGUAGES),
        "texts": texts,
        "script": f"{site.static}/buyer.js",
    }
    template = _environment().get_template("copied.html")
    policy = _within_page(_policy_for(stated))
    return template.render(**_common(site, words), stated=stated, script=script, policy=policy)


def render_copied_find(site: Site, words: Words, texts: str) -> str:
    """Renders the page of a static copy with the field for a number, one file for all readers."""
    script = {
        "languages": tuple(LANGUAGES),
        "root": site.root,
        "texts": texts,
        "script": f"{site.static}/find.js",
    }
    template = _environment().get_template("copied-find.html")
    policy = _within_page(HEADERS["Content-Security-Policy"])
    shown = {"notice": None, "typed": "", "script": script, "policy": policy}
    return template.render(**_common(site, words), **shown)


def render_missing(site: Site, all_words: Sequence[Words]) -> str:
    """Renders the page of a static copy for an address without a file, in all languages."""
    return _environment().get_template("missing.html").render(site=site, all_words=all_words)


def _describe_part(stated: Stated, site: Site, words: Words, scans: Scans | None) -> dict[str, Any]:
    return {
        "language": words.language,
        "passport": site.passport_of(stated.item),
        "label": site.label_of(stated.item),
        "former": site.former,
        "trust": site.trust,
        "catalogue": f"{site.static}/catalogue.json",
        "fallback": site.fallback,
        "checker": site.checker,
        "host": site.host,
        "contact": site.contact,
        "scans": _describe_scans(scans),
    }


def _within_page(policy: str) -> str:
    """Returns the policy without the directive that browsers ignore within a page."""
    return policy.removesuffix("; frame-ancestors 'none'")


def _policy_for(stated: Stated) -> str:
    connect = " ".join(("connect-src 'self'", *stated.photo_hosts))
    return HEADERS["Content-Security-Policy"].replace("connect-src 'self'", connect)


def _describe_scans(scans: Scans | None) -> dict[str, Any]:
    if scans is None:
        return {"warnings": ()}
    first = {"first": scans.first.isoformat()} if scans.first else {}
    return {"total": scans.total, **first, "warnings": scans.warnings}


def render_status(status: Status, site: Site, words: Words) -> str:
    """Renders the page of a part whose full record is too large."""
    return _environment().get_template("status.html").render(**_common(site, words), status=status)


def render_find(notice: Notice | None, site: Site, words: Words, *, keep: bool) -> str:
    """Renders the page with the field for a number, below a notice if there is one.

    `keep` states that other languages of the page need the number in their address.
    """
    typed = notice.typed.shown if notice else ""
    number = {"keep": f"number={quote(typed)}&"} if keep and typed else {}
    return (
        _environment()
        .get_template("find.html")
        .render(**_common(site, words) | number, notice=notice, typed=typed)
    )


def _common(site: Site, words: Words) -> dict[str, Any]:
    return {"site": site, "t": words, "languages": LANGUAGES, "keep": ""}


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("traceledger_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Texts in Arabic and Russian take a third of the bytes that they take as escapes.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment
