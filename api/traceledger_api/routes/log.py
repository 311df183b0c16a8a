"""The log as C2SP tlog-tiles, its checkpoints, and the stream of new events."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from traceledger.errors import BusyError, MalformedError, NotAllowedError, NotFoundError
from traceledger.events.roles import DISCLOSURE_READERS, LIST_READERS, LOG_READERS
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.reading.archives import read_disclosures
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.rights import Rights
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.tiles import ENTRIES, TILE_WIDTH, Tile, parse_tile_path, tile_width
from traceledger.views import answers
from traceledger.views.history import describe_event
from traceledger.views.policy import has_public_entries
from traceledger_api.context import Caller, Context, Ctx, access_error
from traceledger_api.openapi import answer
from traceledger_api.replies import IMMUTABLE, accepts_gzip, reply, reply_json

__all__ = ["api", "tiles"]

tiles = APIRouter(tags=["tlog-tiles"])
api = APIRouter(tags=["log"])

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}
}
_PLAIN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
_BUNDLES = "tile/entries/"
_PAGE = 256
_PING = 15  # seconds without a message after which a stream sends a comment


@tiles.get(
    "/checkpoint",
    operation_id="getCheckpoint",
    summary="The newest checkpoint",
    responses=_PLAIN,
    response_class=Response,
)
async def checkpoint(request: Request, ctx: Ctx) -> Response:
    """Returns the newest published checkpoint: a signed note with its cosignatures."""
    note = await ctx.read(ctx.ledger.checkpoint)
    return reply(request, note, _TEXT, cache="public, max-age=1")


@tiles.get(
    "/tile/{path:path}",
    operation_id="getTile",
    summary="A tile of hashes, or a bundle of entries",
    responses=_BINARY,
    response_class=Response,
)
async def tile(request: Request, ctx: Ctx, caller: Caller, path: str) -> Response:
    """Returns a tile of the published tree. Bundles of entries are for observers and customs."""
    wanted = _parse_tile(f"tile/{path}")
    if wanted.level != ENTRIES:
        data = await ctx.read(_read_tile, ctx.ledger, wanted)
        return reply(request, data, _BYTES, cache=IMMUTABLE)
    is_open = await ctx.read(has_public_entries, ctx.ledger)
    if not is_open and not caller.may_take_all:
        raise access_error(caller, LOG_READERS)
    zipped = accepts_gzip(request.headers.get("accept-encoding", ""))
    data = await ctx.read(_read_bundle, ctx.ledger, wanted, zipped)
    headers = {"Vary": "Accept-Encoding, Authorization"}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return reply(request, data, _BYTES, cache=IMMUTABLE, headers=headers)


@api.get(
    "/checkpoints",
    operation_id="listCheckpoints",
    summary="List published checkpoints",
    responses=answer(answers.Checkpoints),
    response_class=Response,
)
async def checkpoints(
    request: Request,
    ctx: Ctx,
    after: Annotated[int, Query(ge=0, lt=2**53, description="continue after this size")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Lists every published checkpoint with its note, by ascending size."""
    return reply_json(request, await ctx.read(_checkpoints, ctx.ledger, after, limit))


@api.get(
    "/disclosures/{path:path}",
    operation_id="getDisclosures",
    summary="The disclosures of a bundle of entries",
    responses=_PLAIN,
    response_class=Response,
)
async def disclosures(request: Request, ctx: Ctx, caller: Caller, path: str) -> Response:
    """Returns what customs may see of a bundle: a line for each entry, as in an archive.

    The path is that of the bundle below `/tile/entries/`.
    """
    wanted = _parse_tile(f"{_BUNDLES}{path}")
    if not caller.may_take_disclosures:
        raise access_error(caller, DISCLOSURE_READERS)
    data = await ctx.read(_read_disclosures, ctx.ledger, wanted, caller)
    return reply(request, data, _TEXT, headers={"Vary": "Authorization"})


@api.get(
    "/stream",
    operation_id="stream",
    summary="Follow the log",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def stream(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    after: Annotated[
        int | None, Query(ge=-1, lt=2**53, description="log index; if absent, only new events")
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(pattern=r"^[0-9]{1,15}$", description="log index of the last message received"),
    ] = None,
) -> Response:
    """Server-sent events: `event` for each published event, `checkpoint` after each seal.

    The id of a message is its log index, so a reader resumes where it stopped (`Last-Event-ID`).
    The stream ends when the access token expires or the key may no longer read.
    """
    if not caller.may_list:
        raise access_error(caller, LIST_READERS)
    streams = request.app.state.streams
    if streams.locked():
        raise BusyError("server.busy", "too many streams are open")
    start = after
    if last_event_id is not None:
        start = int(last_event_id)
    if start is None:
        start = ctx.news.published.size - 1
    return StreamingResponse(
        _follow(ctx, request.headers["authorization"], caller.expires, start, streams),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(
    ctx: Context, authorization: str, expires: int, after: int, streams: asyncio.Semaphore
) -> AsyncIterator[bytes]:
    async with streams:
        yield b": welcome\n\n"
        while (left := expires - ctx.service.clock()) > 0:
            try:
                async with asyncio.timeout(min(left, _PING)):
                    published = await ctx.news.after(after + 1)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if published is None:
                return
            while after + 1 < published.size:
                stop = min(after + 1 + _PAGE, published.size)
                messages = await ctx.read(_messages, ctx, authorization, after + 1, stop)
                if messages is None:
                    return
                yield messages
                after = stop - 1


def _messages(ctx: Context, authorization: str, start: int, stop: int) -> bytes | None:
    """Formats entries for the caller's current rights; returns None once it may not list."""
    try:
        caller = ctx.open_rights(authorization)
    except NotAllowedError:
        return None
    return _format_messages(ctx.ledger, caller, start, stop) if caller.may_list else None


def _format_messages(ledger: LedgerReader, caller: Rights, start: int, stop: int) -> bytes:
    lines = []
    for entry in ledger.read_entries(start, stop):
        if entry.item:
            kind, data = b"event", msgspec.json.encode(describe_event(entry, caller.reader))
        else:
            size = entry.leaf_index + 1
            sealed = answers.Checkpoint(size=size, note=ledger.checkpoint(size).decode())
            kind, data = b"checkpoint", msgspec.json.encode(sealed)
        lines.append(b"id: %d\nevent: %b\ndata: %b\n\n" % (entry.leaf_index, kind, data))
    return b"".join(lines)


def _parse_tile(path: str) -> Tile:
    try:
        return parse_tile_path(path)
    except MalformedError as error:
        raise NotFoundError("request.address", "there is no tile at this address") from error


def _read_disclosures(ledger: LedgerReader, wanted: Tile, caller: Rights) -> bytes:
    _check_tile(ledger, wanted)
    return read_disclosures(ledger, wanted, caller.reader)


def _read_tile(ledger: LedgerReader, wanted: Tile) -> bytes:
    _check_tile(ledger, wanted)
    return ledger.read_tile(wanted.level, wanted.index, wanted.width)


def _read_bundle(ledger: LedgerReader, wanted: Tile, zipped: bool) -> bytes:  # noqa: FBT001 - in a thread
    _check_tile(ledger, wanted)
    start = wanted.index * TILE_WIDTH
    bundle = format_bundle(ledger.read_bodies(start, start + wanted.width))
    return gzip.compress(bundle, 6, mtime=0) if zipped else bundle


def _check_tile(ledger: LedgerReader, wanted: Tile) -> None:
    """Raises NotFoundError unless the published tree has the tile, full or partial."""
    if wanted.width > tile_width(wanted.level, wanted.index, ledger.published_size):
        raise NotFoundError("request.address", "the published tree has no such tile")


def _checkpoints(ledger: LedgerReader, after: int, limit: int) -> answers.Checkpoints:
    found: list[answers.Checkpoint] = []
    for row in ledger.checkpoints(after):
        if not row.note:
            continue
        if len(found) == limit:
            return answers.Checkpoints(checkpoints=found, next=found[-1].size)
        opened = parse_checkpoint(parse_note(row.note.encode()).text)
        found.append(answers.Checkpoint(size=opened.size, note=ledger.cosigned(row).decode()))
    return answers.Checkpoints(checkpoints=found, next=None)
