"""What the routes work with: the service, the reading side of the store, and the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from starlette.requests import Request

from traceledger.errors import (
    MalformedError,
    NotAllowedError,
    NotFoundError,
    StorageError,
    TraceledgerError,
)
from traceledger.formats.trust import TrustFile, parse_trust
from traceledger.identifiers.items import parse_item
from traceledger.ledger.cosigning import Cosigning
from traceledger.ledger.keeping.contradictions import Contradictions
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.event_index import EventIndex
from traceledger.ledger.reading.rights import STRANGER, Rights, open_rights
from traceledger.ledger.service import LedgerService
from traceledger.ledger.writing.admission import Admission
from traceledger_api.account_desk import AccountDesk
from traceledger_api.fair_slots import FairSlots
from traceledger_api.forwarding import Forwarding
from traceledger_api.limits import Limits
from traceledger_api.metrics import Metrics
from traceledger_api.news import News
from traceledger_api.sample_book import SampleBook
from traceledger_api.scans import ScanCounter
from traceledger_api.sessions import Sessions

__all__ = ["Caller", "Context", "Ctx", "access_error", "check_reader"]

T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """The components of a server. `ledger` is open for reading only.

    `primary` is the same ledger without a replica in between: it decides who may read and write.
    `url` is the public address of the server, under which items have their links; `forwarding` has
    the addresses of other ledgers, `former` the passports of parts that came from there. Readers
    work in `threads`, large requests to append in the one thread of `intake`, so that they never
    delay readers; readiness is checked in `probes`, so that neither delays the answer. Metrics are
    collected in `scrapes`, and the database's own figures for them read in `figures`: so a scrape
    neither waits for readers nor delays them.
    Clients take turns in `threads` and in `intake`, and in comparing their lists, because the rows
    of a list take much memory.
    """

    service: LedgerService
    ledger: Ledger
    primary: Ledger
    admission: Admission
    index: EventIndex
    scans: ScanCounter
    samples: SampleBook
    metrics: Metrics
    cosigning: Cosigning
    contradictions: Contradictions
    news: News
    limits: Limits
    url: str
    trust: bytes
    forwarding: Forwarding
    former: FormerPassports
    threads: ThreadPoolExecutor
    intake: ThreadPoolExecutor
    probes: ThreadPoolExecutor
    scrapes: ThreadPoolExecutor
    figures: ThreadPoolExecutor
    policy: TrustFile = field(init=False)
    accounts: AccountDesk = field(init=False)
    sessions: Sessions = field(init=False)
    reading: FairSlots = field(init=False)
    taking_in: FairSlots = field(init=False)
    comparing: FairSlots = field(init=False)

    def __post_init__(self) -> None:
        self.policy = parse_trust(self.trust)
        self.accounts = AccountDesk(self.ledger, self.policy.customs)
        self.sessions = Sessions(self.service.clock)
        readers = self.limits.readers
        self.reading = FairSlots(readers, each=max(1, readers // 2))
        self.taking_in = FairSlots(1, each=1)
        self.comparing = FairSlots(1, each=1)

    @property
    def contradiction(self) -> bytes:
        """A checkpoint that the log signed and does not contain, if one is known."""
        return self.cosigning.contradiction or self.contradictions.largest

    def check_history(self) -> None:
        """Raises StorageError `witness.ahead` for a log that signed another history than it has."""
        failure = self.service.failure
        if failure is not None and failure.code == "witness.ahead":
            raise StorageError(failure.code, failure.message)

    def update_index(self) -> None:
        """Adds new entries to the index of event ids, in a thread."""
        self.threads.submit(self.index.follow)

    def open_rights(self, authorization: str) -> Rights:
        """Verifies an Authorization header against the current keys; blocks.

        Raises NotAllowedError `access.refused`.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotAllowedError("access.refused", "the access token is not accepted")
        return open_rights(
            token.encode(errors="replace"),  # from a header or a form: any text
            self.primary.state,
            origin=self.service.origin,
            now=self.service.clock(),
        )

    async def read(self, work: Callable[..., T], *args: Any) -> T:
        """Runs work that reads the store, in a thread."""
        async with self.reading.hold():
            return await asyncio.get_running_loop().run_in_executor(self.threads, work, *args)

    async def take_in(self, work: Callable[..., T], *args: Any) -> T:
        """Runs work on a large request to append, in a thread."""
        async with self.taking_in.hold():
            return await asyncio.get_running_loop().run_in_executor(self.intake, work, *args)

    async def probe(self, work: Callable[..., T], *args: Any) -> T:
        """Runs a check of readiness, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.probes, work, *args)

    async def scrape(self) -> bytes:
        """Collects the metrics, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.scrapes, self.metrics.text)

    def close(self) -> None:
        """Ends the threads and closes the files."""
        for threads in (self.threads, self.intake, self.probes, self.scrapes, self.figures):
            threads.shutdown()
        self.accounts.close()
        self.admission.close()
        self.index.close()
        self.scans.close()
        self.samples.close()
        self.ledger.close()
        self.primary.close()


async def _context(request: Request) -> Context:  # a plain function would get a thread
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]


async def _caller(request: Request, ctx: Ctx) -> Rights:
    """The rights of the caller by the access token; those of a stranger without a token."""
    header = request.headers.get("authorization")
    if header is None:
        return STRANGER
    return await ctx.read(ctx.open_rights, header)


Caller = Annotated[Rights, Depends(_caller)]


def check_reader(item: str, caller: Rights) -> str:
    """Returns the id in an address if this caller may look it up; reads nothing.

    Raises NotFoundError `item.*` for text that is not an item id, NotAllowedError `access.needed`.
    """
    try:
        form = parse_item(item).form
    except MalformedError as error:
        raise NotFoundError(error.code, error.message) from error
    if form != "unit" and not caller.knows_ids:
        raise access_error(caller)
    return item


def access_error(caller: Rights, roles: Sequence[str] = ()) -> TraceledgerError:
    """Returns the error for a caller without the right: no token, or a key without the role."""
    if not caller.kid:
        return NotAllowedError("access.needed", "this needs an access token")
    return NotAllowedError("access.role", f"this needs a key with the role {' or '.join(roles)}")
