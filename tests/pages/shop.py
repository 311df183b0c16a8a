"""Pages of parts in every state, served as by the service, from passports built for the tests.

shop = Shop()
item = shop.add("PACKED")        # or shop.put(item, passport, trust)
with serving(shop) as address:
    ...  # address + "/" + item is the part's page
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from tests.passports import Log
from tests.world import World
from traceledger.errors import NotFoundError, TraceledgerError
from traceledger.formats.passport import MEDIA_TYPE, format_passport
from traceledger.formats.trust import format_trust
from traceledger.identifiers.typed import read_typed
from traceledger.verify import describe_result, verify_passport
from traceledger_api.notices import Notice
from traceledger_api.pages.assets import router
from traceledger_api.pages.buyer.answer import BuyerPages
from traceledger_api.routes.links import PartView
from traceledger_api.scans import Scans

__all__ = ["AGE", "Shop", "serving"]

AGE = 10**9  # seconds for which results of tests are not stale
_OPEN = {"Access-Control-Allow-Origin": "*"}  # as the service sends it, for verifiers elsewhere


@dataclass(slots=True)
class Shop:
    """Served parts: passports by item, and one trust file for all.

    `former` are passports of other ledgers by SHA-256; `answers` are sent in place of an item's
    passport, to the page's own check.
    """

    log: Log = field(default_factory=lambda: Log(World()))
    passports: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    former: dict[str, bytes] = field(default_factory=dict)
    scans: Scans = field(default_factory=lambda: Scans(0, None, ()))
    trust: bytes = b""
    contact: str = "quality@maker.example"

    def new(self, life: str = "EXPORTED") -> str:
        """Creates a unit and brings it to that state."""
        return self.tell(lambda world: world.unit(life))

    def renew(self, former: str) -> str:
        """Exports a unit in its second life, which the unit `former` began."""

        def story(world: World) -> str:
            core = world.core("IN_PROCESS", parent=former)
            return world.unit("EXPORTED", (core,), reman_cycle=2)

        return self.tell(story)

    def tell(self, story: Callable[[World], str]) -> str:
        """Takes what happens in a story into the log; returns the item that it is about."""
        world = self.log.world
        before = len(world.events)
        item = story(world)
        self.log.wires += world.wires[before:]
        self.log.events += world.events[before:]
        self.log.actors = dict(world.actors)
        return item

    def show(self, item: str, *, age: int = 60, lacks: Collection[str] = (), **changes: Any) -> str:
        """Builds the passport of a unit from the current log, cosigned `age` seconds ago.

        The witnesses that it `lacks`, plain or customs, do not cosign. `changes` are those of the
        trust file.
        """
        signed = int(time.time()) - age
        times = (0 if "plain" in lacks else signed, 0 if "customs" in lacks else signed)
        passport = self.log.passport(item, times=times)
        self.passports[item] = format_passport(passport)
        self.trust = format_trust(self.log.trust(**{"max_age": AGE, **changes}))
        return item

    def app(self) -> FastAPI:
        """Creates an application with the addresses that a page needs."""
        app = FastAPI(openapi_url=None)
        app.include_router(router)
        app.add_api_route("/api/v1/items/{item:path}/passport", self._passport)
        app.add_api_route("/api/v1/former/{digest}", self._former)
        app.add_api_route("/.well-known/traceledger/trust.json", self._trust)
        app.add_api_route("/{item:path}", self._page)
        app.add_exception_handler(NotFoundError, _not_found)
        return app

    async def _passport(self, item: str) -> Response:
        passport = Response(self.passports[item], headers=_OPEN, media_type=MEDIA_TYPE)
        return self.answers.get(item, passport)

    async def _former(self, digest: str) -> Response:
        found = self.former.get(digest)
        return Response(found, 200 if found else 404, _OPEN, MEDIA_TYPE)

    async def _trust(self) -> Response:
        return Response(self.trust, media_type="application/json")

    async def _page(self, request: Request, item: str) -> Response:
        pages = BuyerPages(f"http://{request.headers['host']}", self.contact)
        if item not in self.passports:
            return pages.find(request, Notice("unknown", 404, read_typed(item)))
        passport, outcome = self.passports[item], None
        try:
            outcome = verify_passport(passport, self.trust, item, now=int(time.time()))
        except TraceledgerError as error:
            return pages.part(request, PartView(item, passport, describe_result(error), self.scans))
        return pages.part(request, PartView(item, passport, describe_result(outcome), self.scans))


async def _not_found(_request: Request, _error: Exception) -> Response:
    return Response(status_code=404)


@contextlib.contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """Serves a shop on a free port of this machine."""
    config = uvicorn.Config(shop.app(), host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
