"""`/api/v1/events`: appending and reading events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, FastAPI, Path, Query
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import BusyError, MalformedError, NotFoundError, UsageError
from traceledger.events.roles import LIST_READERS
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.proof import LogProof, format_proof
from traceledger.identifiers.excerpt import printable
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.event_proofs import prove_event
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.rights import Rights
from traceledger.ledger.service import Published
from traceledger.ledger.writing.admission import locate, without_repeats
from traceledger.ledger.writing.intake import Received
from traceledger.merkle.proofs import prove_inclusion
from traceledger.planning.warnings import find_quantity_warnings, moves_on_line
from traceledger.views import answers
from traceledger.views.appended import MAX_EVENTS, Logged, describe_logged
from traceledger.views.history import describe_event
from traceledger.views.rows import Entry
from traceledger_api.asgi import Receive, Scope, Send
from traceledger_api.context import Caller, Context, Ctx, access_error, check_reader
from traceledger_api.openapi import answer
from traceledger_api.problems import answer_exception, is_expected
from traceledger_api.replies import reply, reply_json

__all__ = ["AppendApp", "router"]

router = APIRouter(tags=["events"])

_NDJSON = "application/x-ndjson"
_JSON = "application/json"
_PROOF = "text/plain; charset=utf-8"
_WIRE = "eyJhbGciOiJFZDI1NTE5Iiwi….eyJhdWQiOiJsZWRnZXIuZXhhbXBsZS9jcS0xIiwi….c2lnbmF0dXJl…~WyJ…~"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {
                "schema": {
                    "type": "array",
                    "items": {"type": "string", "maxLength": 131_072},
                    "minItems": 1,
                    "maxItems": MAX_EVENTS,
                },
                "example": [_WIRE],
            },
            _NDJSON: {"schema": {"type": "string"}, "example": f'"{_WIRE}"\n'},
        },
    }
}
_wires = msgspec.json.Decoder(list[str])
_PAGE = 100
_LOOK = 2.0  # seconds after which a request that waits for a checkpoint asks whether one may come
_FEW = 32  # events that are checked among the readers, not in the thread for large requests
_LARGE = 64 * 1024  # bytes from which on a body is read in a thread


@router.post(
    "/events",
    operation_id="append",
    summary="Append signed events, all or nothing",
    responses=answer(answers.Appended),
    response_class=Response,
    openapi_extra=_BODY,
)
async def append(
    request: Request,
    ctx: Ctx,
    *,
    wait: Annotated[
        Literal["", "sealed"],
        Query(description="`sealed`: wait for the next checkpoint and return proofs"),
    ] = "",
    dry_run: Annotated[bool, Query(description="check everything, write nothing")] = False,
) -> Response:
    """Appends an array or NDJSON of `token~disclosure~` strings; responds once they are durable.

    No session is needed: each event carries its own authority. A repeated request gets the same
    response. `warnings` lists what an audit would report.
    """
    media_type = request.headers.get("content-type", "")
    return await _append(ctx, media_type, await request.body(), wait=bool(wait), dry_run=dry_run)


async def _append(
    ctx: Context, media_type: str, body: bytes, *, wait: bool = False, dry_run: bool = False
) -> Response:
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in {_JSON, _NDJSON}:
        raise UsageError("request.type", f"{printable(kind, 80) or 'no media type'} given")
    large = len(body) > _LARGE
    wires = await ctx.take_in(_split, body, kind) if large else _split(body, kind)
    if len(wires) == 1 and not large and ctx.admission.knows_key(wires[0]):
        received = ctx.admission.admit(wires)  # a thread would cost as much as the check
    else:
        received = await _thread_for(ctx, wires)(ctx.admission.admit, wires)
    if dry_run:
        logged = await _thread_for(ctx, wires)(_check, ctx.ledger, received)
        appended = answers.Appended(receipt="", events=list(map(describe_logged, logged)))
    else:
        logged = await _write(ctx, received)
        appended = answers.Appended(
            receipt=ctx.service.receipt(logged).decode(), events=list(map(describe_logged, logged))
        )
        if wait:
            appended = await _sealed(ctx, logged, appended)
    warnings = await _warn(ctx, received)
    if warnings:
        appended = replace(appended, warnings=warnings)
    return Response(msgspec.json.encode(appended), media_type=_JSON)


class AppendApp:
    """Appends without the framework's work for each request, which takes as long as a signature.

    It serves requests without parameters to the address of `append`, which describes it, and passes
    all others on.
    """

    def __init__(self, app: FastAPI, path: str) -> None:
        self.path = path
        self._app = app
        self._context: Context = app.state.context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responds to one request."""
        if not self._is_plain(scope):
            await self._app(scope, receive, send)
            return
        scope["app"], scope["route"] = self._app, self
        try:
            response = await _append(self._context, _media_type(scope), await _body(receive))
        except Exception as error:
            response = await answer_exception(self._app, Request(scope, receive), error)
            await response(scope, receive, send)
            if not is_expected(error):
                raise
        else:
            await response(scope, receive, send)

    def _is_plain(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] == self.path
            and not scope["query_string"]
        )


def _media_type(scope: Scope) -> str:
    given = (value for name, value in scope["headers"] if name == b"content-type")
    return bytes(next(given, b"")).decode("latin-1")


async def _body(receive: Receive) -> bytes:
    """Returns a body that the gate has read as a whole."""
    body: bytes = (await receive())["body"]
    return body


async def _write(ctx: Context, received: Sequence[Received]) -> tuple[Logged, ...]:
    """Passes a request to the writer and waits for its answer."""
    answer: asyncio.Future[tuple[Logged, ...]] = asyncio.get_running_loop().create_future()
    new = without_repeats(received)
    if not new:
        return locate(received, ())
    ctx.service.submit(new, answer)
    return locate(received, await answer)


@router.get(
    "/events",
    operation_id="listEvents",
    summary="List events by log index",
    responses=answer(answers.Events),
    response_class=Response,
)
async def list_events(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    after: Annotated[int, Query(ge=-1, lt=2**53, description="continue after this index")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
) -> Response:
    """Lists published events in log order, each with the fields that the caller may see."""
    if not caller.may_list:
        raise access_error(caller, LIST_READERS)
    data = await ctx.read(_list, ctx.ledger, caller, after, limit, ctx.news.published.size)
    return reply_json(request, data)


@router.get(
    "/events/{event}",
    operation_id="getEvent",
    summary="Read one event by its index or id",
    responses=answer(answers.Event),
    response_class=Response,
)
async def get_event(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    event: Annotated[str, Path(description="log index or event id", examples=["4711"])],
) -> Response:
    """Reads one event. Without a token only events of units can be read."""
    data = await ctx.read(_find, ctx, caller, event)
    return reply_json(request, data)


@router.get(
    "/events/{event}/proof",
    operation_id="getEventProof",
    summary="Prove that the log contains an event",
    responses={200: {"content": {_PROOF: {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def get_event_proof(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    event: Annotated[str, Path(description="log index or event id", examples=["4711"])],
) -> Response:
    """Returns a `.tlog-proof` as of the newest checkpoint.

    If a checkpoint that covers the event is final under the ledger's trust file, the proof is as of
    the newest such checkpoint.
    """
    data = await ctx.read(_prove_one, ctx, caller, event)
    return reply(request, data, _PROOF)


def _thread_for(ctx: Context, events: Sequence[object]) -> Callable[..., Awaitable[Any]]:
    """Chooses where a request works: among the readers, or in the thread for large requests."""
    return ctx.read if len(events) <= _FEW else ctx.take_in


def _check(ledger: Ledger, received: Sequence[Received]) -> tuple[Logged, ...]:
    """Checks a request against the current state, which a stranger never learns."""
    new = without_repeats(received)
    return locate(received, ledger.check_received(new) if new else ())


def _split(body: bytes, kind: str) -> list[bytes]:
    """Splits a body into events; stops at the first too many, whatever follows.

    No event contains a comma or a line break. A blank line counts as a line.
    """
    separator = b"," if kind == _JSON else b"\n"
    body = body.strip()
    if len(body.split(separator, MAX_EVENTS)) > MAX_EVENTS:
        raise UsageError("append.count", f"more than {MAX_EVENTS:,} events given")
    if kind == _JSON:
        try:
            return [text.encode() for text in _wires.decode(body)]
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise MalformedError("request.body", f"not an array of strings: {error}") from error
    lines = [line.strip() for line in body.split(b"\n")]
    return [line.removeprefix(b'"').removesuffix(b'"') for line in lines if line]


async def _sealed(
    ctx: Context, logged: Sequence[Logged], appended: answers.Appended
) -> answers.Appended:
    """Adds the next checkpoint, and proofs that it includes these events."""
    last = max(one.leaf_index for one in logged)
    published = await _published(ctx, last)
    if published is None:
        raise BusyError("server.stopping", "the server is stopping; the events were written")
    proofs = await _thread_for(ctx, logged)(_prove, ctx.ledger, published.note, logged)
    return replace(appended, checkpoint=published.note.decode(), proofs=proofs)


async def _published(ctx: Context, last: int) -> Published | None:
    """Waits for a checkpoint beyond a log index, as long as the log may sign one."""
    while True:
        try:
            async with asyncio.timeout(_LOOK):
                return await ctx.news.after(last)
        except TimeoutError:
            ctx.service.check()


async def _warn(ctx: Context, received: Sequence[Received]) -> list[answers.Notice]:
    """Finds what an audit would report about accepted events."""
    found = [warned for one in received for warned in one.warnings]
    moving = [one.event for one in received if moves_on_line(one.event)]
    if moving:
        thread = _thread_for(ctx, received)
        found += await thread(find_quantity_warnings, ctx.ledger, moving)
    return [answers.Notice(**warned._asdict()) for warned in found]


def _prove(ledger: LedgerReader, note: bytes, logged: Sequence[Logged]) -> list[str]:
    size = parse_checkpoint(parse_note(note).text).size
    proofs: dict[int, str] = {}
    for index in dict.fromkeys(one.leaf_index for one in logged):
        proof = LogProof(index, prove_inclusion(index, size, ledger), note)
        proofs[index] = format_proof(proof).decode()
    return [proofs[one.leaf_index] for one in logged]


def _list(
    ledger: LedgerReader, caller: Rights, after: int, limit: int, size: int
) -> answers.Events:
    start = after + 1
    # Seals are omitted, so a page may be shorter than requested.
    stop = min(start + limit, size)
    entries = ledger.read_entries(start, stop) if start < stop else ()
    events = [describe_event(entry, caller.reader) for entry in entries if entry.item]
    return answers.Events(events=events, next=stop - 1 if start < stop < size else None)


def _prove_one(ctx: Context, caller: Rights, wanted: str) -> bytes:
    entry = _find_entry(ctx, caller, wanted)
    return prove_event(ctx.ledger, entry.leaf_index, trust=ctx.policy)


def _find(ctx: Context, caller: Rights, wanted: str) -> answers.Event:
    return describe_event(_find_entry(ctx, caller, wanted), caller.reader)


def _find_entry(ctx: Context, caller: Rights, wanted: str) -> Entry:
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 16:
        index: int | None = int(wanted)
    else:
        try:
            index = ctx.index.find(wanted) if len(wanted) == 43 else None
        except (MalformedError, UnicodeError):
            index = None
    entry = None
    if index is not None:
        entry = next(iter(ctx.ledger.read_entries(index, index + 1)), None)
    if entry is None or not entry.item:
        if not caller.knows_ids:
            raise access_error(caller)
        raise NotFoundError("event.unknown", "there is no such event")
    check_reader(entry.item, caller)
    return entry
