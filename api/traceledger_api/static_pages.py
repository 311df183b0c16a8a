"""Passports and buyer's pages as files of a static copy (docs/spec/copy.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from urllib.parse import urlsplit

import msgspec

from traceledger.errors import ConflictError, NotFoundError, TraceledgerError
from traceledger.events.vocabulary import describe_vocabulary
from traceledger.files.static_store import StaticFile
from traceledger.formats.passport import MEDIA_TYPE
from traceledger.formats.problem import format_problem
from traceledger.formats.trust import TrustFile
from traceledger.labels.drawing import Style, draw_labels
from traceledger.labels.symbol import make_symbol
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.reading.changed_units import changed_units
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.planning.labels import find_label
from traceledger.verify import describe_result, verify_passport
from traceledger.views.history import PUBLIC
from traceledger.views.items import find_row
from traceledger.views.serials import find_serial, list_products
from traceledger_api.pages.assets import load_assets
from traceledger_api.pages.buyer.answer import describe_site
from traceledger_api.pages.buyer.page import (
    Site,
    render_copied,
    render_copied_find,
    render_missing,
    render_status,
)
from traceledger_api.pages.buyer.status import describe_status
from traceledger_api.pages.words import LANGUAGES, load_words
from traceledger_api.problems import PROBLEM
from traceledger_api.replies import LINKSET
from traceledger_api.resolver import describe_item, linkset

__all__ = ["StaticPages"]

_HTML = "text/html; charset=utf-8"
_JSON = "application/json"
_LINKS = ("pip", "dpp")  # of the links of a server, those that lead to files of a copy
_CHECKER = "verify.html"
_MISSING = "404.html"  # for an address without a file
_encode = msgspec.json.Encoder(order="sorted").encode


class StaticPages:
    """Makes the files of a site at the ledger's own address `url`.

    `former` are the passports of parts that came from other ledgers; `contact` is an e-mail or
    https address, or empty. Pages are written in `language`; the reader's browser shows them in its
    own.
    """

    def __init__(
        self,
        ledger: LedgerReader,
        trust: TrustFile,
        former: FormerPassports,
        *,
        url: str,
        contact: str,
        language: str,
    ) -> None:
        self._ledger = ledger
        self._trust = trust
        self._former = former
        self._url = url
        self._site: Site = replace(
            describe_site(url, contact), label=f"{urlsplit(url).path}/{{item}}/label.png"
        )
        self._words = load_words(language)
        texts = dict(_read_texts())
        digest = hashlib.sha256()
        for name, data in texts.items():
            digest.update(b"%b %d\n%b" % (name.encode(), len(data), data))
        self._folder = f"static/{digest.hexdigest()[:16]}"
        self._texts = texts

    def make(self, old: int, size: int) -> Iterator[StaticFile]:
        """Yields the files that change from one size of the log to another (`Pages`)."""
        assets = load_assets()
        for name, asset in assets.files.items():
            if name != _CHECKER and not name.startswith("customs"):
                path = f"static/{assets.version}/{name}"
                yield StaticFile(path, asset.data, asset.media, fixed=True)
        for name, data in self._texts.items():
            yield StaticFile(f"{self._folder}/{name}", data, _JSON, fixed=True)
        yield StaticFile(_CHECKER, assets.files[_CHECKER].data, _HTML, fixed=False)
        for digest, passport in self._former.read_all():
            yield StaticFile(f"api/v1/former/{digest}", passport, MEDIA_TYPE, fixed=True)
        products = list_products(self._ledger)
        for item in changed_units(self._ledger, old, size):
            part = [*self._make_part(item, size)]
            yield from part
            if part:
                yield from self._make_lasting(item, products)
        page = render_copied_find(self._site, self._words, f"{self._site.root}/{self._folder}")
        yield StaticFile("index.html", page.encode(), _HTML, fixed=False)
        page = render_missing(self._site, [load_words(language) for language in LANGUAGES])
        yield StaticFile(_MISSING, page.encode(), _HTML, fixed=False)

    def _make_part(self, item: str, size: int) -> Iterator[StaticFile]:
        address = f"api/v1/items/{item}/passport"
        try:
            passport = build_passport(self._ledger, item, PUBLIC, trust=self._trust, size=size)
        except NotFoundError:  # no checkpoint covers it yet
            return
        except ConflictError as error:  # too large; its state and recalls are shown all the same
            # Replaced, not removed: a slower publisher would put the older passport back, which
            # may lack a recall.
            answer = format_problem(error, base=self._url, request_id="")
            yield StaticFile(address, answer, PROBLEM, fixed=False)
            page = self._render_status(item)
        else:
            yield StaticFile(address, passport, MEDIA_TYPE, fixed=False)
            texts = f"{self._site.root}/{self._folder}"
            page = render_copied(
                passport, self._judge(item, passport), self._site, self._words, texts
            )
        yield StaticFile(f"{item}/index.html", page.encode(), _HTML, fixed=False)

    def _make_lasting(self, item: str, products: Sequence[str]) -> Iterator[StaticFile]:
        """Yields what stays true of an item until its next event, as of now."""
        label = find_label(self._ledger, self._url, item)
        drawn = draw_labels("png", [(label, make_symbol(label.link))], Style())
        yield StaticFile(f"{item}/label.png", drawn, "image/png", fixed=False)
        links = linkset(self._url, item, describe_item(find_row(self._ledger, item)), _LINKS)
        yield StaticFile(f"{item}/linkset.json", _encode(links), LINKSET, fixed=False)
        serial = item.rpartition("/")[2]
        found = {"item": find_serial(self._ledger, serial, products)}
        yield StaticFile(f"find/{serial}.json", _encode(found), _JSON, fixed=False)

    def _judge(self, item: str, passport: bytes) -> dict[str, object]:
        now = int(self._ledger.clock())
        try:
            return describe_result(verify_passport(passport, self._trust, item, now=now))
        except TraceledgerError as error:
            return describe_result(error)

    def _render_status(self, item: str) -> str:
        """Renders the state of an item as of now: a later recall is never left out."""
        described = self._ledger.describe(item)
        parts = tuple(self._ledger.describe(part.item) for part in described.marked_parts or ())
        return render_status(describe_status(described, parts), self._site, self._words)


def _read_texts() -> Iterator[tuple[str, bytes]]:
    """Yields the words of the pages in each language, and the captions of the catalogue."""
    folder = resources.files("traceledger_api") / "locales"
    for language in LANGUAGES:
        yield f"words.{language}.json", (folder / f"{language}.json").read_bytes()
        vocabulary = json.dumps(describe_vocabulary(language), ensure_ascii=False)
        yield f"vocabulary.{language}.json", vocabulary.encode()
