"""An item's chain as a particular reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from traceledger.events.disclosure import Disclosure, format_wire, parse_disclosure
from traceledger.events.roles import Visibility
from traceledger.events.token import Event, parse_token
from traceledger.views import answers
from traceledger.views.rows import Entry

__all__ = [
    "CUSTOMS",
    "EVERYTHING",
    "PUBLIC",
    "Reader",
    "Record",
    "describe_event",
    "read_record",
    "visible",
]


class Reader(NamedTuple):
    """A reader: the roles of its key, the party whose internal fields it may see, its prefixes."""

    roles: frozenset[str] = frozenset()
    party: str = ""
    prefixes: tuple[str, ...] = ()
    all: bool = False

    def may_see(self, visibility: Visibility, event: Event) -> bool:
        """Reports whether this reader may see fields of that visibility in an event."""
        if self.all or visibility == "public" or event.payload.iss == self.party:
            return True
        if visibility != "customs":
            return False
        return "customs" in self.roles or (
            "importer" in self.roles and event.payload.sub.startswith(self.prefixes)
        )


PUBLIC = Reader()
CUSTOMS = Reader(frozenset({"customs"}))
EVERYTHING = Reader(all=True)
"""The reader with access to the ledger's directory, who sees all fields."""


class Record(NamedTuple):
    """An event as a reader sees it: the visible fields, and the names of the withheld ones."""

    leaf_index: int
    event: Event
    values: Mapping[str, Any]
    withheld: tuple[str, ...]


def visible(event: Event, disclosures: bytes, reader: Reader) -> tuple[Disclosure, ...]:
    """Returns the disclosures of an event that this reader may see, in order."""
    parts = [parse_disclosure(text) for text in disclosures.split(b"~") if text]
    kind = event.kind
    return tuple(
        part
        for part in parts
        if reader.may_see(kind.fields[part.name].visibility if kind else "internal", event)
    )


def read_record(entry: Entry, reader: Reader) -> Record:
    """Reads an entry as this reader sees it."""
    event = parse_token(entry.body)
    shown = {part.name: part.value for part in visible(event, entry.disclosures, reader)}
    public = {name: value for name, value in event.fields().items() if name != "_sd"}
    withheld = tuple(name for name in event.digests if name not in shown)
    return Record(entry.leaf_index, event, public | shown, withheld)


def describe_event(entry: Entry, reader: Reader) -> answers.Event:
    """Describes an event as this reader sees it, with its token and the disclosures shown."""
    record = read_record(entry, reader)
    event, claims = record.event, record.event.payload
    shown = [part.text for part in visible(event, entry.disclosures, reader)]
    return answers.Event(
        index=record.leaf_index,
        event=event.id,
        item=claims.sub,
        seq=claims.seq,
        kind=event.kind_name,
        occurred=claims.occurred,
        site=claims.site or "",
        party=claims.iss,
        kid=event.kid,
        signed=claims.iat,
        refs=[
            answers.Link(as_=ref.as_, item=ref.item, event=ref.event or "") for ref in event.refs
        ],
        data=dict(record.values),
        withheld=list(record.withheld),
        wire=format_wire(entry.body, shown).decode(),
    )
