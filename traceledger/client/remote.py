"""A ledger on a server, with the interface of a ledger in a folder.

Events are signed on the client, and the server's promises are checked there: a receipt must cover
exactly the events that were sent and be signed with the log's key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from traceledger.client.transport import INTERACTIVE, UNATTENDED, Transport, convert_answer
from traceledger.errors import MalformedError, NotFoundError, RemoteError, VerificationError
from traceledger.events.disclosure import split_wire
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.problem import parse_problem
from traceledger.formats.receipt import open_receipt
from traceledger.formats.trust import TRUST_ADDRESS, TrustFile
from traceledger.identifiers.digital_link import check_base_url
from traceledger.identifiers.excerpt import excerpt
from traceledger.planning.signing import Identity
from traceledger.rules.state import State, format_state
from traceledger.views import answers
from traceledger.views.appended import Appended, Logged
from traceledger.views.lineage import Lineage
from traceledger.views.rows import Entry, Head, HeadRow, Search
from traceledger.views.searches import search_all

__all__ = ["INTERACTIVE", "UNATTENDED", "RemoteLedger", "Transport", "read_trust"]

_API = "/api/v1"
_EVENTS = f"{_API}/events"
_NDJSON = "application/x-ndjson"
_PAGE = 1000
_PASSPORT = "application/vnd.traceledger.passport+json"


def read_trust(transport: Transport) -> bytes:
    """Fetches the server's own trust file: trust on first use, which proves nothing."""
    return transport.get_bytes(f"/{TRUST_ADDRESS}")


class RemoteLedger:
    """An `OpenLedger` on a server. `trust` names the ledger and the keys of its log."""

    def __init__(
        self, transport: Transport, trust: TrustFile, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.origin = trust.origin
        self.founding = trust.founding
        self._trust = trust
        self._transport = transport

    @property
    def size(self) -> int:
        """The size of the newest checkpoint."""
        return parse_checkpoint(parse_note(self.checkpoint()).text).size

    def identity(self, kid: str) -> Identity:
        """Reads the party and authority of a key; raises NotFoundError `key.unregistered`."""
        found = convert_answer(self._transport.get(f"{_API}/keys/{quote(kid)}"), answers.Key)
        return Identity(found.issuer, found.authority)

    def link_base(self) -> str:
        """The base address of links to items; raises MalformedError `link.form`."""
        found = self._transport.get("/.well-known/gs1resolver")
        return check_base_url(_text(found, "resolverRoot"))

    def login_link(self) -> answers.LoginLink:
        """Requests a one-time link to the server's customs console."""
        found: answers.LoginLink = convert_answer(
            self._transport.post(f"{_API}/login-links", b"", "application/json"), answers.LoginLink
        )
        return found

    def checkpoint(self) -> bytes:
        """The newest published checkpoint."""
        return self._transport.get_bytes("/checkpoint")

    def lineage(self, item: str) -> Lineage:
        """Fetches the lineage of an item, as far as this caller may read it."""
        found: Lineage = convert_answer(self._transport.get(_item_path(item, "/lineage")), Lineage)
        return found

    def find_by_number(self, number: str, wanted: Search) -> list[answers.ItemRow]:
        """Finds the items of `find_items` that are on the document with that number."""
        return self._find(wanted, number)

    def proof(self, event: str) -> bytes:
        """Fetches the proof file of an event, given by its id or log index."""
        return self._transport.get_bytes(f"{_API}/events/{quote(event)}/proof")

    def passport(self, item: str) -> bytes:
        """The passport of an item, with the fields that this caller may read.

        Raises the error of a problem document, which a static copy serves like any file.
        """
        data = self._transport.get_bytes(_item_path(item, "/passport"), accept=_PASSPORT)
        try:
            problem = parse_problem(data)
        except MalformedError:
            return data
        raise problem

    def state(self, item: str) -> State | None:
        """The current state of an item, None for an unknown item."""
        found = self._item(item)
        return None if found is None else _state(found)

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """Reads the heads that signers need; unknown items are omitted."""
        wanted = list(dict.fromkeys(items))
        found: dict[str, Head] = {}
        for start in range(0, len(wanted), _PAGE):
            request = answers.WantedHeads(items=wanted[start : start + _PAGE])
            body = msgspec.json.encode(request)
            answer = self._transport.post(f"{_API}/heads", body, "application/json")
            heads: dict[str, Head | None] = convert_answer(answer, dict[str, Head | None])
            found |= {item: head for item, head in heads.items() if head is not None}
        return found

    def chain(self, item: str) -> list[Entry]:
        """All events of an item with the fields that this caller may read."""
        return [_entry(event) for event in self._events(item)]

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id; their rows contain no state."""
        return [_row(item, b"") for item in self.find_items(wanted)]

    def count_declared(self, line: str) -> int:
        """Counts the items that this caller sees on a declaration line, page by page."""
        return sum(1 for _ in search_all(self, Search(declaration=line)))

    def describe(self, item: str) -> answers.Item:
        """Describes an item as the server does; raises NotFoundError `item.unknown`."""
        found: answers.Item = convert_answer(self._transport.get(_item_path(item)), answers.Item)
        return found

    def find_items(self, wanted: Search) -> list[answers.ItemRow]:
        """Finds items as `search` does, as the server describes them for a list."""
        return self._find(wanted)

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Checks a request on the server without writing it; returns the entries it would add."""
        answer = self._transport.post(_EVENTS, _body(wires), _NDJSON, dry_run="true")
        return _logged(convert_answer(answer, answers.Appended), _parse(wires))

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends the events of a request and checks the receipt.

        Raises the server's errors, VerificationError `receipt.false` or `note.signature`, and
        RemoteError `remote.unconfirmed` if no answer states whether the events were written.
        """
        try:
            found = self._transport.submit(_EVENTS, _body(wires), _NDJSON)
            answer: answers.Appended = convert_answer(found, answers.Appended)
        except RemoteError as error:
            if error.code != "remote.answer":
                raise
            raise RemoteError("remote.unconfirmed", error.message) from error
        logged = _logged(answer, _parse(wires))
        receipt = answer.receipt.encode()
        keys = [log.key for log in self._trust.policy.logs]
        promised = open_receipt(receipt, self.origin, keys)
        if [(leaf.index, leaf.hash) for leaf in promised.leaves] != [
            (event.leaf_index, event.leaf) for event in logged
        ]:
            raise VerificationError("receipt.false", "the receipt covers different events")
        return Appended(receipt, logged)

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""
        rows = {}
        for item in self.heads(items):
            found = self._item(item)
            if found is not None:
                rows[item] = _row(found, format_state(_state(found)))
        return rows

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """The events of an item in order; empty for an unknown item."""
        try:
            chain = self.chain(item)
        except NotFoundError:
            return []
        return [entry for entry in chain if last is None or entry.seq <= last]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """The event at a position of a chain."""
        return next((entry for entry in self.read_chain(item, seq) if entry.seq == seq), None)

    def _find(self, wanted: Search, number: str = "") -> list[answers.ItemRow]:
        """Reads the pages of a search."""
        rows: list[answers.ItemRow] = []
        after: str | None = wanted.after
        while after is not None and len(rows) < wanted.limit:
            page = self._transport.get(
                f"{_API}/items",
                q=wanted.id_part,
                chain=wanted.chain,
                state=wanted.life,
                part_no=wanted.part_no,
                declaration=wanted.declaration,
                number=number,
                after=after,
                limit=min(_PAGE, wanted.limit - len(rows)),
            )
            found = convert_answer(page, answers.Items)
            for row in found.items:
                if row.item <= after:  # a page that repeats would be asked for for ever
                    raise RemoteError(
                        "remote.answer", f"the item {excerpt(row.item)} follows {excerpt(after)}"
                    )
                after = row.item
            rows += found.items
            after = found.next if found.items else None
        return rows

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def _item(self, item: str) -> answers.Item | None:
        try:
            return self.describe(item)
        except NotFoundError:
            return None

    def _events(self, item: str) -> list[answers.Event]:
        answer = self._transport.get(_item_path(item, "/history"))
        found: answers.History = convert_answer(answer, answers.History)
        return found.events


def _body(wires: Sequence[bytes]) -> bytes:
    return b"".join(wire + b"\n" for wire in wires)


def _item_path(item: str, view: str = "") -> str:
    return f"{_API}/items/{quote(item)}{view}"


def _text(value: Any, name: str) -> str:
    return str(convert_answer(value, dict[str, Any]).get(name, ""))


def _state(found: answers.Item) -> State:
    state: State = convert_answer(found.rules, State)
    return state


def _row(found: answers.ItemRow, state: bytes) -> HeadRow:
    return HeadRow(
        item=found.item,
        seq=found.seq,
        head=decode_base64url(found.event.encode()),
        latest=found.index,
        chain=found.chain,
        life=found.state,
        part_no=found.part_no,
        declaration=found.declaration,
        state=state,
    )


def _entry(found: answers.Event) -> Entry:
    wire = found.wire.encode()
    token, _ = split_wire(wire)
    event = parse_token(token)
    claims = event.payload
    rest = wire[len(token) + 1 :]
    return Entry(found.index, event.leaf, claims.sub, claims.seq, found.kind, token, rest)


def _parse(wires: Sequence[bytes]) -> list[Event]:
    return [parse_token(split_wire(wire)[0]) for wire in wires]


def _logged(answer: answers.Appended, events: Sequence[Event]) -> tuple[Logged, ...]:
    """Pairs the events with the log indexes that the server reports for them."""
    reported = answer.events
    if [row.event for row in reported] != [event.id for event in events]:
        raise VerificationError("receipt.false", "the server's answer is about different events")
    return tuple(
        Logged(row.index, event.id, event.leaf, event.payload.sub, event.payload.seq)
        for row, event in zip(reported, events, strict=True)
    )
