"""Reading events into records: the pass over the log on which the account rests.

Only events that the rules allow change a record. What a later event may take back is stored with
the record before it; what can only be seen at the moment of an event becomes a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from traceledger.audit.changes import CHANGES, target_of
from traceledger.audit.kept import POSITIONS
from traceledger.audit.notes import Place, add_note
from traceledger.audit.observing import note_departure, note_event, note_late
from traceledger.audit.parties import Parties, PartiesState
from traceledger.audit.policy import Policy
from traceledger.audit.steps import add_step, reveal_step
from traceledger.audit.stock import Stock, is_here
from traceledger.audit.things import Answer, Correction, Note, Thing, Things, Undo
from traceledger.audit.values import find_mistyped
from traceledger.events.token import Event
from traceledger.identifiers.items import is_authority, kid_of, parse_item
from traceledger.rules.lifecycle import NEW, PENDING, VOIDED, next_life
from traceledger.rules.links import chain_of
from traceledger.rules.targets import LASTING
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.verify.unjudged import newer_code

__all__ = ["Recorder", "RecorderState"]


# Refusals that mean more to customs than that an event is illegal.
_FINDINGS = {
    "ref.direction": "QTY-09",
    "ref.closed": "QTY-09",
    "life.period": "WOF-01",
    "life.unpublished": "WOF-02",
}
_EFFECTS = {"divert": "DIVERTED", "destroy": "DESTROYED"}


class RecorderState(msgspec.Struct):
    """Everything that the account remembers of a log.

    `seals` are pairs of a published size and the latest time before it. `voids` counts the events
    that took back another, `corrections` those that were not taken back, `here` the pieces that
    are here, by book and `<class> <part number>`.
    `releases` are the lists of released software that policies had, as `Policy.firmware`.
    `disputed` are the events that a later revocation may dispute, by `<key id> <since>`.
    """

    things: dict[str, bytes] = {}
    parties: PartiesState = msgspec.field(default_factory=PartiesState)
    policy: dict[str, Any] = {}
    releases: list[dict[str, list[tuple[str, str]]]] = []
    as_of: int = 0
    size: int = 0
    events: int = 0
    voids: int = 0
    corrections: int = 0
    newer: bool = False
    seals: list[tuple[int, int]] = []
    notes: dict[str, list[Note]] = {}
    here: dict[str, dict[str, int]] = {}
    disputed: dict[str, list[Note]] = {}


class Recorder:
    """Reads a log's entries in order into the records of its items.

    `disputes` are the log indexes from which events of keys may be disputed, by key id.
    """

    def __init__(
        self,
        state: RecorderState,
        trusted: tuple[str, ...],
        disputes: Mapping[str, frozenset[int]] = MappingProxyType({}),
    ) -> None:
        self.state = state
        self._disputes = disputes
        self.things = Things(state.things)
        self._parties = Parties(state.parties, trusted)
        self._stock = Stock(state.here, self.things)
        self._apply_policy()

    def read(self, entry: ReplayedEntry) -> None:
        """Reads the next entry."""
        state, event = self.state, entry.event
        state.size = entry.index + 1
        if event is None:
            state.seals.append((state.size, state.as_of))
            if entry.refused:
                self._note_illegal("ledger", entry.refused, Place(b"", entry.index))
            return
        state.events += 1
        claims = event.payload
        state.as_of = max(state.as_of, claims.iat)
        if event.kid in self._disputes and entry.allowed:
            self._remember(event.kid, _place(event, entry))
        thing = self.things.get(claims.sub)
        if thing is None or entry.refused or state.newer:
            self._read_other(event, entry)
        elif event.kind_name == "void":
            self._take_back(thing, event, entry.index)
        else:
            self._read_goods(thing, event, entry)

    def _read_other(self, event: Event, entry: ReplayedEntry) -> None:
        """Reads what is not allowed, what this version cannot judge, and what begins a chain."""
        subject, state = event.payload.sub, self.state
        if state.newer or entry.refused == "event.kind":
            self._note(subject, "INT-10", _place(event, entry), severity="M")
        elif entry.refused:
            self._note_illegal(subject, entry.refused, _place(event, entry))
        elif is_authority(subject):
            self._read_authority(event, _place(event, entry))
        else:
            self._read_goods(_new_thing(event, entry.index), event, entry)
        if subject == "ledger":
            state.newer = state.newer or newer_code(event) == "rules.newer"

    def _note(self, subject: str, code: str, place: Place, **more: Any) -> None:
        notes = self.state.notes
        notes[subject] = add_note(notes.get(subject, []), code, place, **more)

    def _remember(self, kid: str, place: Place) -> None:
        """Remembers an event for the case that a later revocation disputes it."""
        disputed = self.state.disputed
        for since in self._disputes[kid]:
            if place.at >= since:
                name, sides = f"{kid} {since}", ("", str(since))
                known = disputed.get(name, [])
                disputed[name] = add_note(known, "INT-08", place, severity="M", sides=sides)

    def _note_illegal(self, subject: str, refused: str, place: Place) -> None:
        thing = self.things.get(subject)
        if refused.startswith("key."):
            code = "INT-05"
        elif refused == "life.transition" and thing is not None and thing.left:
            code = "QTY-10"
        else:
            code = _FINDINGS.get(refused, "INT-07")
        self._note(subject, code, place, sides=("", refused))

    def _read_authority(self, event: Event, place: Place) -> None:
        subject, notes = event.payload.sub, self.state.notes
        self._parties.read(event)
        notes[subject] = note_late(notes.get(subject, []), event, place.at, self._late_hours)
        if event.kind_name == "set_policy":
            self.state.policy = msgspec.to_builtins(event.data.values)
            self._apply_policy()
        elif event.kind_name == "revoke_key":
            since = event.data.compromised_since
            if since is not msgspec.UNSET:
                found = self.state.disputed.get(f"{kid_of(subject)} {since}", [])
                notes[subject] = [*notes[subject], *found]
                self._note(subject, "INT-08", place, severity="M", sides=("", str(since)))

    def _apply_policy(self) -> None:
        policy = Policy(self.state.policy)
        self._late_hours, released = policy.late_hours, policy.firmware
        self._has_releases = bool(released)
        if released and self.state.releases[-1:] != [released]:
            self.state.releases.append(released)

    def _take_back(self, before: Thing, event: Event, index: int) -> None:
        item = event.payload.sub
        self.state.voids += 1
        after = self.things.undo(item, target_of(event))
        self.state.corrections -= len(before.corrections) - len(after.corrections)
        self._count(before, after, corrected=True)
        notes = note_late(after.notes, event, index, self._late_hours)
        if notes is not after.notes:
            after.notes = notes
            self.things.put(item, after)

    def _read_goods(self, before: Thing, event: Event, entry: ReplayedEntry) -> None:
        kind, undo = event.kind_name, Undo.of(before)
        notes = note_late(before.notes, event, entry.index, self._late_hours)
        after = replace(before, notes=notes)
        if entry.undisclosed or kind == "export":
            note_event(self.things, after, event, entry)
        if kind == "confirm":
            self._confirm(after, event, entry)
        elif kind == "correct":
            self._correct(after, undo, event, entry)
        else:
            self._step(after, undo, event, entry)
        if after.notes is not before.notes:
            undo.notes = before.notes
        after.before = b"" if kind in LASTING else undo.pack()
        self.things.put(event.payload.sub, after)
        self._count(before, after, corrected=kind in {"correct", "confirm"})

    def _count(self, before: Thing, after: Thing, *, corrected: bool) -> None:
        """Keeps the stock up to date; a correction, or its refusal, can change the part number."""
        if not corrected and before.life == after.life and before.left == after.left:
            return
        was, now = is_here(before), is_here(after)
        if was == now and not corrected:
            return
        if was:
            self._stock.change(before, -1)
        if now:
            self._stock.change(after, 1)

    def _step(self, thing: Thing, undo: Undo, event: Event, entry: ReplayedEntry) -> None:
        kind = event.kind_name
        if (kind, thing.chain) in PENDING:
            thing.pending = event.leaf
        else:
            before = thing.life if event.payload.seq else NEW
            thing.life = next_life(thing.chain, before, event)
        change = CHANGES.get(kind)
        if change is not None:
            change(self.things, thing, undo, event, entry.index)
        if kind == "update" and not self._has_releases:
            return
        step = add_step(thing, undo, event, entry)
        if step is None:
            return
        step.customs = self._parties.is_customs(event)
        if kind == "stocktake":
            step.values[POSITIONS[kind]["here"]] = self._stock.count(event.payload.sub)
        elif kind == "update":
            # The part number may be corrected later, so the whole list is remembered.
            step.values[POSITIONS[kind]["released"]] = len(self.state.releases) - 1

    def _confirm(self, thing: Thing, event: Event, entry: ReplayedEntry) -> None:
        target, index = target_of(event), entry.index
        answer = self._answer(event, target, index)
        answer.receipt = entry.values().get("receipt_sha256", "")
        thing.answers = [*thing.answers, answer]
        step = thing.get(target)
        if step is None or thing.pending != target:
            return
        thing.pending = b""
        if not answer.confirmed:
            return
        thing.life = _EFFECTS[step.kind]
        if thing.chain == "unit" and not thing.left:
            thing.left = "diverted"
            note_departure(self.things, thing, step.linked, Place(event.leaf, index))

    def _answer(self, event: Event, target: bytes, index: int) -> Answer:
        """Returns an answer by the signer of an event; a correction by customs answers itself."""
        return Answer(
            target=target,
            leaf=event.leaf,
            index=index,
            confirmed=event.kind_name != "confirm" or event.data.result == "confirmed",
            customs=self._parties.is_customs(event),
            attested=self._parties.attests(event),
        )

    def _correct(self, thing: Thing, undo: Undo, event: Event, entry: ReplayedEntry) -> None:
        sets: dict[str, Any] = {}
        hidden: list[str] = []
        given = event.fields() | entry.values()
        for group in ("public", "customs", "internal"):
            name = f"set_{group}"
            if name in given:
                sets |= given[name]
            elif name in event.digests:
                hidden.append(group)
        target = target_of(event)
        reveal_step(thing, undo, target)
        step = thing.get(target)
        correction = Correction(
            leaf=event.leaf,
            index=entry.index,
            iat=event.payload.iat,
            target=target,
            customs_fields="set_customs" in event.digests,
            sets=sets,
            hidden=hidden,
            receipt=given.get("receipt_sha256", ""),
            mistyped=find_mistyped(step.kind, sets) if step else [],
        )
        thing.corrections = [*thing.corrections, correction]
        self.state.corrections += 1
        if self._parties.is_customs(event):
            thing.answers = [*thing.answers, self._answer(event, event.leaf, entry.index)]


def _place(event: Event, entry: ReplayedEntry) -> Place:
    return Place(event.leaf, entry.index)


def _new_thing(event: Event, index: int) -> Thing:
    """Returns the record of a chain before its first event, to which voiding that event returns."""
    if event.kind is None:
        raise AssertionError("the rules allow no first event of an unknown kind")
    chains = event.kind.chains
    alone = len(chains) == 1  # then the rules have looked at the form of the id
    chain = chains[0] if alone else chain_of(event.kind, parse_item(event.payload.sub).form)
    return Thing(chain, index, life=VOIDED)
