"""The content of a passport in reading order: the oldest part first.

Nothing is verified here. Corrections are applied, and voided events are marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from traceledger.events.disclosure import split_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.passport import Passport, parse_passport
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.links import SOURCES

__all__ = ["Chapter", "Entry", "History", "read_history"]


@dataclass(slots=True)
class Entry:
    """An event with its current public fields.

    `answers` are the later `confirm` events that name it and were not voided; `void` reports that
    it was voided itself.
    """

    event: Event
    values: dict[str, Any]
    answers: list[Event] = field(default_factory=list)
    corrected: bool = False
    void: bool = False

    @property
    def kind(self) -> str:
        """The name of its kind, which this version may not know."""
        return self.event.kind_name

    @property
    def known(self) -> bool:
        """Whether this version knows the kind, so that its fields conform to the catalogue."""
        return self.event.kind is not None

    @property
    def party(self) -> str:
        """The party that signed it."""
        return self.event.payload.iss

    @property
    def day(self) -> date:
        """The day on which it occurred, as stated, in the signer's time zone."""
        return date.fromisoformat(self.event.payload.occurred[:10])


@dataclass(frozen=True)
class Chapter:
    """The life of one item. `sources` are the items that it was made from."""

    item: str
    entries: tuple[Entry, ...]
    sources: tuple[str, ...]

    @property
    def opening(self) -> str:
        """The kind of the first event, which determines the sort of item."""
        return self.entries[0].kind

    def latest(self, kind: str) -> Entry | None:
        """Returns the last event of a known kind that was not voided."""
        return next((entry for entry in reversed(self.entries) if _counts(entry, kind)), None)

    def all(self, kind: str) -> list[Entry]:
        """Returns all events of a known kind that were not voided."""
        return [entry for entry in self.entries if _counts(entry, kind)]


@dataclass(frozen=True)
class History:
    """An item and everything it was made from: chapters, the oldest first, its own last."""

    item: str
    chapters: tuple[Chapter, ...]
    names: Mapping[str, str]

    @property
    def own(self) -> Chapter:
        """The chapter of the item itself."""
        return self.chapters[-1]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All events, chapter by chapter."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)

    @cached_property
    def made_of(self) -> tuple[Chapter, ...]:
        """The used parts that went into the item itself, without those of an earlier life."""
        wanted, found = [*self.own.sources], []
        by_item = {chapter.item: chapter for chapter in self.chapters}
        while wanted:
            chapter = by_item.get(wanted.pop(0))
            if chapter is not None and chapter.opening != "assemble":
                found.append(chapter)
                wanted += chapter.sources
        return tuple(found)

    def name(self, party: str) -> str:
        """Returns the name under which a party was admitted."""
        return self.names.get(party, party)


def read_history(passport: bytes) -> History:
    """Reads a passport; raises MalformedError for a wrong form."""
    parsed = parse_passport(passport)
    chains = {
        chain.item: tuple(parse_token(split_wire(wire)[0]) for wire in chain.events)
        for chain in parsed.chains
    }
    chapters = tuple(_chapter(item, chains[item]) for item in _oldest_first(parsed, chains))
    return History(parsed.item, chapters, dict(_admissions(chains)))


def _oldest_first(passport: Passport, chains: Mapping[str, tuple[Event, ...]]) -> list[str]:
    """Lists the items in post-order from the passport's own; links may name items not shown."""
    order: list[str] = []
    waiting = [(passport.item, False)]
    seen: set[str] = set()
    while waiting:
        item, done = waiting.pop()
        if done:
            order.append(item)
        elif item in chains and item not in seen:
            seen.add(item)
            waiting.append((item, True))
            waiting += [(source, False) for source in reversed(_sources(chains[item]))]
    return order


def _sources(events: tuple[Event, ...]) -> tuple[str, ...]:
    return tuple(ref.item for ref in events[0].refs if ref.as_ in SOURCES)


def _chapter(item: str, events: tuple[Event, ...]) -> Chapter:
    entries: dict[str, Entry] = {}
    for event, values, corrected, voided in read_effective(
        (event, public_fields(event)) for event in events
    ):
        target = next((entries.get(ref.event or "") for ref in event.refs), None)
        if event.kind_name == "confirm" and target is not None and not voided:
            target.answers.append(event)
            continue
        entries[event.id] = Entry(event, dict(values), corrected=corrected, void=voided)
    return Chapter(item, tuple(entries.values()), _sources(events))


def _admissions(chains: Mapping[str, tuple[Event, ...]]) -> Iterator[tuple[str, str]]:
    for item, events in chains.items():
        for event in events:
            if event.kind_name == "admit" and event.kind is not None:
                yield item, event.data.name


def _counts(entry: Entry, kind: str) -> bool:
    return entry.kind == kind and entry.known and not entry.void
