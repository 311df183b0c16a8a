"""A static site that verifies passports, for someone other than the ledger to host.

It has the words and looks of the ledger's own pages and relies on its host's trust files. It runs
in the browser alone: this module only collects its files and needs no web framework.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import Any

from traceledger.errors import ConflictError, UsageError
from traceledger.events.vocabulary import LANGUAGES, describe_vocabulary
from traceledger.formats.trust import TrustFile, fingerprint, parse_trust
from traceledger.formats.trust_list import open_trust_list
from traceledger.identifiers.excerpt import quote
from traceledger_api.pages.scripts import compact, join_modules, join_style

__all__ = ["Authority", "build_site"]

_LIST = "trust-list.json"
_FALLBACK = "noble-ed25519.js"
_FILES = ("catalogue.json", "ed25519.js", "icon.svg")
_SCRIPT = "site.js"

# Plain http serves tests on one machine; browsers refuse it to a page that came over https.
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?")
_ADDRESS = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:/[!#-;=?-Z_a-z~]*)?")


@dataclass(frozen=True, slots=True)
class Authority:
    """A trust list on which a site relies, by the fingerprint of its authority's key."""

    data: bytes
    key: str


@dataclass(frozen=True, slots=True)
class _Listed:
    """A trust file: its name in the site, empty if it is in the list, its content and ledger."""

    file: str
    data: bytes
    trust: TrustFile

    @property
    def ledger(self) -> str:
        """Returns the address that the policy gives for the log, or an empty text."""
        own = (log.url for log in self.trust.policy.logs if log.key.name == self.trust.origin)
        return next((url.rstrip("/") for url in own if _ADDRESS.fullmatch(url)), "")

    @property
    def host(self) -> str:
        """Returns scheme and host of that address."""
        found = _ADDRESS.fullmatch(self.ledger)
        return found[1] if found else ""

    def describe(self) -> dict[str, Any]:
        """Describes the trust file for the script of the page."""
        return {
            "file": self.file,
            "origin": self.trust.origin,
            "items": list(self.trust.items),
            "ledger": self.ledger,
            "fingerprint": fingerprint(self.data),
        }


def build_site(
    trust_files: Sequence[bytes],
    name: str,
    authority: Authority | None = None,
    *,
    photos: Sequence[str] = (),
    now: int = 0,
) -> Mapping[str, bytes]:
    """Builds all files of the site by name; `name` is that of its host, for its title.

    The site relies on the trust files, and for all other ledgers on the list of an authority, which
    is opened as of `now`, in seconds since 1970. `photos` are origins, such as
    `https://photos.example`, from which the page may load photos, in addition to the ledgers' own.
    Raises MalformedError for what is no trust file, ConflictError `trust.other` for two of one
    ledger, UsageError `usage.option` for what is no origin, and what `open_trust_list` raises.
    """
    for origin in photos:
        if not _ORIGIN.fullmatch(origin):
            raise UsageError(
                "usage.option", f"{quote(origin)} is not an origin such as https://photos.example"
            )
    listed = tuple(_list_trust(trust_files))
    files = dict(_read_parts())
    files |= {one.file: one.data for one in listed}
    described: dict[str, Any] = {}
    if authority is not None:
        trust_list = open_trust_list(authority.data, authority.key, now=now)
        own = {one.trust.origin for one in listed}
        listed += tuple(
            _Listed("", ledger.file, parse_trust(ledger.file))
            for ledger in trust_list.ledgers
            if ledger.origin not in own
        )
        files[_LIST] = authority.data
        described = {
            "file": _LIST,
            "key": authority.key,
            "name": trust_list.name,
            "sequence": trust_list.sequence,
            "expires": trust_list.expires,
        }
    for language in LANGUAGES:
        words = _static(f"locales/{language}.json")
        files[f"words.{language}.json"] = words
        files[f"vocabulary.{language}.json"] = _format(describe_vocabulary(language))
    files["manifest.webmanifest"] = _manifest(name)
    files["index.html"] = _page(name, listed, described, photos, fallback=_FALLBACK in files)
    files["service-worker.js"] = _worker(files)
    return files


def _list_trust(trust_files: Sequence[bytes]) -> Iterator[_Listed]:
    seen: set[str] = set()
    for number, data in enumerate(trust_files, 1):
        trust = parse_trust(data)
        if trust.origin in seen:
            raise ConflictError("trust.other", f"two trust files are given for {trust.origin}")
        seen.add(trust.origin)
        yield _Listed(f"trust.{number}.json", data, trust)


def _read_parts() -> Iterator[tuple[str, bytes]]:
    yield "buyer.css", compact(join_style("buyer")).encode()
    yield _SCRIPT, compact(join_modules(_SCRIPT)).encode()
    for name in _FILES:
        yield name, _static(f"static/{name}")
    fallback = resources.files("traceledger_api") / "static" / "vendor" / _FALLBACK
    if fallback.is_file():
        yield _FALLBACK, fallback.read_bytes()


def _page(
    name: str,
    listed: Sequence[_Listed],
    authority: Mapping[str, Any],
    photos: Sequence[str],
    *,
    fallback: bool,
) -> bytes:
    # Nothing is reached but the ledgers, at the addresses that their trust files give, and the
    # origins of photos.
    hosts = sorted({one.host for one in listed if one.host} | set(photos))
    script: dict[str, Any] = {
        "name": name,
        "languages": list(LANGUAGES),
        "lists": [one.describe() for one in listed],
        "photos": hosts,
        "fallback": _FALLBACK if fallback else "",
    }
    if authority:
        script["authority"] = authority
    parts = {
        "title": _escape(name),
        "connect": " ".join(["'self'", *hosts]),
        "icons": _static("templates/icons.svg").decode(),
        "script": _format(script).decode().replace("<", "\\u003c"),
    }
    page = _static("static/site.html").decode()
    for key, text in parts.items():
        page = page.replace(f"{{{{{key}}}}}", text)
    return page.encode()


def _manifest(name: str) -> bytes:
    return _format(
        {
            "name": name,
            "short_name": name[:12],
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": [{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
    )


def _worker(files: Mapping[str, bytes]) -> bytes:
    digest = sha256()
    for name, data in sorted(files.items()):
        digest.update(b"%b %d\n%b" % (name.encode(), len(data), data))
    kept = {"version": digest.hexdigest()[:16], "files": sorted(files)}
    return b"const KEPT = " + _format(kept) + b";\n" + _static("static/service-worker.js")


def _static(path: str) -> bytes:
    return (resources.files("traceledger_api") / path).read_bytes()


def _format(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
