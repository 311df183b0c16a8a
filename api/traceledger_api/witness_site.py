"""A witness behind HTTP: C2SP tlog-witness, with submission and monitoring under the same prefix.

::

    POST /add-checkpoint                  a request; the answer is a cosignature line
    GET  /<SHA-256 of origin>/checkpoint  the checkpoint cosigned last
    GET  /healthz                         whether the process runs
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import (
    BusyError,
    ConflictError,
    NotFoundError,
    StorageError,
    TraceledgerError,
    VerificationError,
)
from traceledger.formats.witness import format_monitoring_path
from traceledger.witness.home import WitnessHome
from traceledger.witness.witness import Fetch, Witness
from traceledger_api.gate import Gate
from traceledger_api.limits import Limits
from traceledger_api.logs import SERVER
from traceledger_api.metrics import Metrics
from traceledger_api.problems import add_handlers

__all__ = ["create_witness_app"]

_ADD = "/add-checkpoint"
_SIZE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"
_WAITING = 16  # requests in the queue, beyond which the witness is busy
_FORKS = frozenset({"witness.fork", "merkle.proof"})


def create_witness_app(
    home: WitnessHome,
    witness: Witness,
    *,
    fetch: Fetch | None,
    clock: Callable[[], float],
    limits: Limits,
) -> Gate:
    """Creates the application of an opened witness; `fetch` is that of `Witness.answer`."""
    desk = _Desk(home, witness, fetch, clock)
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lambda _app: desk.open(),
    )
    app.state.pages = None
    app.state.base = ""
    app.add_api_route(_ADD, desk.add_checkpoint, methods=["POST"], response_class=Response)
    path = f"/{format_monitoring_path(witness.origin)}"
    app.add_api_route(path, desk.checkpoint, response_class=Response)
    app.add_api_route("/healthz", _health, response_class=Response)
    add_handlers(app)
    return Gate(
        app,
        limits=limits,
        metrics=Metrics(),
        base="",
        large={},
        methods={_ADD: "OPTIONS, POST"},
    )


async def _health() -> Response:
    return Response("ok\n", media_type=_TEXT, headers={"Cache-Control": "no-store"})


class _Desk:
    """Answers one request after another, in a thread: a replay may take long."""

    def __init__(
        self,
        home: WitnessHome,
        witness: Witness,
        fetch: Fetch | None,
        clock: Callable[[], float],
    ) -> None:
        self._home = home
        self._witness = witness
        self._fetch = fetch
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "witness")
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Ends the thread after the application."""
        try:
            yield
        finally:
            self._thread.shutdown()

    async def add_checkpoint(self, request: Request) -> Response:
        """Answers a request as C2SP prescribes; other errors are problems with their finding."""
        body = await request.body()
        if self._waiting >= _WAITING:
            raise BusyError("server.busy", "too many requests are waiting for the witness")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._answer, body)
        finally:
            self._waiting -= 1

    async def checkpoint(self) -> Response:
        """Returns the checkpoint that the witness cosigned last."""
        note = await asyncio.to_thread(lambda: self._home.published)
        if note is None:
            raise NotFoundError("ledger.unpublished", "this witness has not cosigned anything yet")
        return Response(note, media_type=_TEXT, headers={"Cache-Control": "public, max-age=1"})

    def _answer(self, body: bytes) -> Response:
        try:
            receipts = self._home.receipts(self._clock())
            answer = self._witness.answer(body, self._clock, self._fetch, receipts=receipts)
            self._home.publish(body, answer)
        except ConflictError:
            # A media type as an argument would get a charset.
            return Response(b"%d\n" % self._witness.size(), 409, {"Content-Type": _SIZE})
        except TraceledgerError as error:
            self._report(body, error)
            raise
        SERVER.info("cosigned", extra={"fields": {"size": self._witness.size()}})
        return Response(answer, media_type=_TEXT)

    def _report(self, body: bytes, error: TraceledgerError) -> None:
        fields = {"code": error.code, "message": error.message, "where": error.where}
        if isinstance(error, VerificationError):
            if error.code in _FORKS:
                try:
                    fields["evidence"] = str(self._home.keep_evidence(body, error) or "")
                except StorageError as unkept:  # the log is refused nevertheless
                    fields["evidence"] = f"not kept: {unkept.message}"
            SERVER.error("refused", extra={"fields": fields})
        else:
            SERVER.warning("not cosigned", extra={"fields": fields})
