"""The application: a ledger's folder behind HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI

from traceledger.formats.note import NoteVerifier
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TrustFile, format_trust, parse_trust
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.event_index import EventIndex
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.service import LedgerService, Published
from traceledger.ledger.writing.admission import Admission
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.planning.keys import LOG_KEY
from traceledger.rules.state import PartyState, parse_state
from traceledger.storage.seen import Seen
from traceledger.views.rows import Search
from traceledger.views.searches import search_all
from traceledger_api.bounds import API
from traceledger_api.context import Context
from traceledger_api.cosigning import ask_witnesses
from traceledger_api.forwarding import Forwarding
from traceledger_api.gate import Gate
from traceledger_api.limits import Limits
from traceledger_api.metrics import (
    Metrics,
    ReplicaMetrics,
    WalMetrics,
    WitnessMetrics,
    WriterMetrics,
)
from traceledger_api.news import News
from traceledger_api.openapi import describe_app
from traceledger_api.pages import assets
from traceledger_api.problems import add_handlers
from traceledger_api.reference import make_reference
from traceledger_api.routes import (
    account,
    console,
    console_files,
    console_visits,
    entry,
    events,
    former,
    item,
    items,
    labels,
    links,
    log,
    login,
    system,
)
from traceledger_api.routes.links import Pages
from traceledger_api.sample_book import SampleBook
from traceledger_api.scans import ScanCounter

__all__ = ["create_app", "describe", "open_context"]

_DESCRIPTION = (
    "Signed, append-only histories of remanufactured parts. Writing needs no session: each event"
    " carries its own authority. Reading more than single units requires an access token: a JWS"
    " signed by a key of the ledger and valid for at most five minutes. Errors are RFC 9457"
    " problems with stable codes."
)


def open_context(
    home: Home,
    passphrase: bytes,
    *,
    limits: Limits | None = None,
    trust: bytes | None = None,
    clock: Callable[[], float] = time.time,
    interval: float = 1.0,
    url: str = "",
    forwarding: Forwarding | None = None,
    read_store: str = "",
) -> Context:
    """Opens everything that a server needs from a ledger's folder; starts nothing.

    `trust` is the trust file to serve; without it, a trust file that names only the log's own key
    is generated. `url` overrides the ledger's own address; `forwarding` names other ledgers, by
    default none. `read_store` is the address of a replica, from which the server reads what the
    replica has. Raises what `Home.write` and `Home.open_replicated` raise.
    """
    limits = limits or Limits()
    with contextlib.ExitStack() as opened:
        seen = Seen() if read_store else None
        ledger = home.write(clock, passphrase, seen)
        opened.callback(ledger.close)
        served = trust or _own_trust(home, ledger)
        cosigning = ask_witnesses(home, parse_trust(served).policy, clock)

        def publish(writer: LedgerWriter) -> bytes:
            return home.publish(writer, cosigning.check)

        store = opened.enter_context(contextlib.closing(home.open_store(seen)))
        primary = reader = Ledger(store, home.origin, clock=clock, maps=ledger.maps)
        if seen is not None:
            store = opened.enter_context(contextlib.closing(home.open_replicated(read_store, seen)))
            reader = Ledger(store, home.origin, clock=clock, maps=ledger.maps)
        service = LedgerService(
            ledger.writer,
            publish=publish,
            interval=interval,
            follow=home.is_shared,
            prepare=reader.snapshot,
            find_contradiction=lambda: cosigning.ahead or home.find_evidence(),
        )
        index = EventIndex(home.path / "lookup.db", store)
        scans = ScanCounter(home.scans, clock)
        samples = SampleBook(home.samples, clock)
        figures = ThreadPoolExecutor(1, "figures")
        context = Context(
            service=service,
            ledger=reader,
            primary=primary,
            admission=Admission(primary, clock, shared=home.is_shared),
            index=index,
            scans=scans,
            samples=samples,
            metrics=Metrics(
                WriterMetrics(service),
                WitnessMetrics(cosigning),
                WalMetrics(store.wal_bytes, figures),
                ReplicaMetrics(store),
            ),
            cosigning=cosigning,
            contradictions=home.contradictions,
            news=News(Published(0, b"")),
            limits=limits,
            url=url or home.url,
            trust=served,
            forwarding=forwarding or Forwarding(),
            former=FormerPassports(home.path),
            threads=ThreadPoolExecutor(limits.readers, "reader"),
            intake=ThreadPoolExecutor(1, "intake"),
            probes=ThreadPoolExecutor(1, "probe"),
            scrapes=ThreadPoolExecutor(1, "scrape"),
            figures=figures,
        )
        opened.pop_all()
    return context


def create_app(context: Context, pages: Pages | None = None) -> Gate:
    """Creates the application; its lifespan starts and stops the writer.

    `pages` renders the pages of units; without it their addresses return JSON.
    """
    app = _routes(lifespan=lambda _app: _running(context))
    app.state.context = context
    app.state.pages = pages
    app.state.base = context.url
    app.state.streams = asyncio.Semaphore(context.limits.streams)
    app.state.reference = make_reference(app.openapi())
    return Gate(
        events.AppendApp(app, f"{API}/events"),
        limits=context.limits,
        metrics=context.metrics,
        base=context.url,
        pages=pages,
        large={
            f"{API}/events": context.limits.event_body,
            console_visits.LIST: context.limits.list_body,
        },
        methods={
            f"{API}/events": "GET, HEAD, OPTIONS, POST",
            f"{API}/heads": "OPTIONS, POST",
            f"{API}/login-links": "OPTIONS, POST",
            console_visits.SAMPLES: "GET, HEAD, OPTIONS, POST",
            **dict.fromkeys(console_visits.STATED, "GET, HEAD, OPTIONS, POST"),
            console_visits.LIST: "GET, HEAD, OPTIONS, POST",
            login.PATH: "GET, HEAD, OPTIONS, POST",
            login.LOGOUT: "OPTIONS, POST",
        },
    )


def describe() -> dict[str, Any]:
    """Returns the OpenAPI description of the API; needs no ledger."""
    description: dict[str, Any] = _routes().openapi()
    return description


def _routes(**settings: Any) -> FastAPI:
    app = FastAPI(
        title="traceledger",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        **settings,
    )
    for router in (
        *(account.router, events.router, items.router, labels.router, item.router),
        former.router,
        *(log.api, login.api, system.api),
    ):
        app.include_router(router, prefix=API)
    for router in (
        console.router,
        console_files.router,
        login.router,
        entry.router,
        log.tiles,
        links.router,
        system.router,
        assets.router,
    ):
        app.include_router(router)
    add_handlers(app)
    app.openapi = lambda: describe_app(app)  # type: ignore[method-assign]  # as FastAPI documents
    return app


@contextlib.asynccontextmanager
async def _running(context: Context) -> AsyncIterator[None]:
    context.service.run_in(asyncio.get_running_loop())
    context.service.listen(context.news.update)
    context.service.listen(lambda _published: context.update_index())
    context.service.listen(lambda published: context.cosigning.update(published.size))
    try:
        # First, so that an older copy of the log learns of it before it signs anything.
        await asyncio.to_thread(context.cosigning.start)
        await asyncio.to_thread(context.service.start)
        context.news.published = context.service.published
        context.update_index()
        yield
    finally:
        context.news.close()
        await asyncio.to_thread(context.service.stop)
        await asyncio.to_thread(context.cosigning.stop)
        context.close()


def _own_trust(home: Home, ledger: LedgerReader) -> bytes:
    """Generates a trust file that names the log's key and no witness: first use, never proof."""
    key = format_vkey(NoteVerifier(home.origin, home.keys.public(LOG_KEY)))
    policy = f"log {key} {home.url}\nquorum none\n"
    prefixes: dict[str, None] = {}
    for row in search_all(ledger, Search(chain="party")):
        party = parse_state(row.state)
        if isinstance(party, PartyState):
            prefixes.update(dict.fromkeys(party.prefixes))
    return format_trust(
        TrustFile(
            origin=home.origin,
            founding=ledger.founding,
            policy_text=policy,
            policy=parse_policy(policy.encode()),
            customs=(),
            items=tuple(prefixes)[:64] or ("01/", "8004/", "x/"),
            max_age=86_400,
        )
    )
