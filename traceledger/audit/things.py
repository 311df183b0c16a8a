"""What the account remembers of each chain: one packed record, whatever its number of events.

Only the events that carry figures are kept, as steps; all others change the state alone. A record
contains what its latest event changed, because `void` takes that back. So nothing inside a record
is changed in place: a changed field gets another value.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from traceledger.audit.kept import POSITIONS
from traceledger.rules.lifecycle import VOIDED

__all__ = [
    "MARK",
    "Answer",
    "Correction",
    "Note",
    "Plain",
    "Step",
    "Thing",
    "Things",
    "Undo",
]

Entry = TypeVar("Entry")
MARK = 8  # bytes of an event id that tell it from the others of its chain
_RECENT = 64  # enough for the parts of what is read at one time


class Answer(msgspec.Struct, array_like=True, gc=False):
    """A confirmation or refusal of the event `target`.

    `customs` tells whether a customs key signed it, `attested` whether its party is one that the
    auditor's trust file names. `receipt` is the SHA-256 of its receipt, in hex, empty if it has
    none or it is not disclosed.
    """

    target: bytes
    leaf: bytes
    index: int
    confirmed: bool
    customs: bool
    attested: bool
    receipt: str = ""


class Step(msgspec.Struct, array_like=True, gc=False):
    """An event that carries figures.

    `iat` is when it was signed, in seconds since 1970, and `delay` how much earlier it happened.
    `values` are the fields that the account reads, by `POSITIONS`, and `unseen` the positions of
    those that are withheld or erased. `linked` is the declaration line or lot that it names.
    `customs` tells whether a customs key signed it.
    """

    kind: str
    index: int
    leaf: bytes
    iat: int
    delay: int
    values: list[Any]
    unseen: list[int] = []
    linked: str = ""
    customs: bool = False

    @property
    def at(self) -> int:
        """When it happened, in seconds since 1970."""
        return self.iat - self.delay

    def value(self, name: str) -> Any:
        """Returns a field as the event states it, None if it or its kind has none."""
        place = POSITIONS[self.kind].get(name)
        return None if place is None else self.values[place]


class Plain(msgspec.Struct, array_like=True, gc=False):
    """An event without figures, to which a correction can give some; then it becomes a step.

    `kind` is the position of its kind in `steps.PLAIN`, `mark` the beginning of its id, `at` when
    it happened, in seconds since 1970, and `shift` the days by which the date there was later than
    that of UTC: 1, 0 or -1.
    """

    kind: int
    index: int
    mark: bytes
    at: int
    shift: int = 0


class Correction(msgspec.Struct, array_like=True, gc=False):
    """A correction of the event `target`; `sets` are its values, `hidden` the unseen groups.

    `receipt` is the SHA-256 of its receipt, in hex, empty if it has none or it is not disclosed.
    `mistyped` are the fields whose new value is none that the field can have.
    """

    leaf: bytes
    index: int
    iat: int
    target: bytes
    customs_fields: bool
    sets: dict[str, Any]
    hidden: list[str]
    receipt: str = ""
    mistyped: list[str] = []


class Note(msgspec.Struct, array_like=True, gc=False):
    """An observation made when events were read: the first 64 of them, and their number."""

    code: str
    severity: str
    leaves: list[bytes]
    indexes: list[int]
    count: int
    expected: str
    actual: str


class Thing(msgspec.Struct, array_like=True, gc=False):
    """The record of a core, component, unit, lot, declaration line or book.

    `first` is the log index of its first event. `line` is the inbound line of a core and `book` the
    book of a line or lot. `root` is the core from which a component or unit descends. `origin` is
    what a component was harvested from, or the former unit of a core. `parts` are the inputs of a
    unit, `outputs` what a disassembly produced, `unit` what the part went into. `left` tells how a
    unit first left: `exported`, `diverted` or not. `pending` is the event that waits for its
    effect. `holds` and `recalls` are the events in force with their log indexes. `steps` and
    `plain` are in the order of the log.
    """

    chain: str
    first: int
    life: str = ""
    line: str = ""
    book: str = ""
    root: str = ""
    origin: str = ""
    parts: list[str] = []
    outputs: list[str] = []
    unit: str = ""
    left: str = ""
    lot_class: str = ""
    pending: bytes = b""
    graded: bool = False
    approved: bool = False
    holds: list[tuple[bytes, int]] = []
    recalls: list[tuple[bytes, int]] = []
    steps: list[Step] = []
    plain: list[Plain] = []
    corrections: list[Correction] = []
    answers: list[Answer] = []
    notes: list[Note] = []
    before: bytes = b""

    @property
    def opened(self) -> Step:
        """The step of the first event; a chain whose first event was voided has none."""
        return self.steps[0]

    def last(self, *kinds: str) -> Step | None:
        """Returns the latest step of one of these kinds."""
        return next((step for step in reversed(self.steps) if step.kind in kinds), None)

    def all(self, *kinds: str) -> Iterator[Step]:
        """Yields the steps of these kinds in order."""
        return (step for step in self.steps if step.kind in kinds)

    def answers_to(self, event: Step | Correction) -> list[Answer]:
        """Returns the answers to an event in order."""
        return [answer for answer in self.answers if answer.target == event.leaf]

    def decided(self, event: Step | Correction) -> Answer | None:
        """Returns the answer that counts: the first by customs."""
        return next((answer for answer in self.answers_to(event) if answer.customs), None)

    def counts(self, correction: Correction) -> bool:
        """Reports whether customs have not refused a correction."""
        decided = self.decided(correction)
        return decided is None or decided.confirmed

    def get(self, leaf: bytes) -> Step | None:
        """Returns the step of an event."""
        return next((step for step in self.steps if step.leaf == leaf), None)


class Undo(msgspec.Struct, array_like=True, gc=False):
    """What `void` restores: the state before the latest event, and lists that it replaced.

    Of a list that only grew nothing is kept, because an event's id tells what it added. Links to
    other chains are not kept, because no event after the first that can be voided changes them.
    """

    life: str
    left: str
    pending: bytes
    graded: bool
    approved: bool
    holds: list[tuple[bytes, int]] | None = None
    recalls: list[tuple[bytes, int]] | None = None
    steps: list[Step] | None = None
    plain: list[Plain] | None = None
    notes: list[Note] | None = None

    @classmethod
    def of(cls, thing: Thing) -> Undo:
        """Returns what restores the state of a record as it is now."""
        return cls(thing.life, thing.left, thing.pending, thing.graded, thing.approved)

    def pack(self) -> bytes:
        """Packs it for the record."""
        return _encode(self)


class Things:
    """All records by item, in the order of their first events."""

    def __init__(self, packed: dict[str, bytes]) -> None:
        self.packed = packed
        self._buffer = bytearray()

    def __getitem__(self, item: str) -> Thing:
        return _decode_shared(self.packed[item])

    def __contains__(self, item: object) -> bool:
        return item in self.packed

    def get(self, item: str) -> Thing | None:
        """Returns the record of an item, None for an unknown one."""
        packed = self.packed.get(item)
        return None if packed is None else _decode(packed)

    def put(self, item: str, thing: Thing) -> None:
        """Stores the record of an item."""
        # A copy takes only the memory that it needs; what the encoder returns takes 512 bytes.
        _encode_into(thing, self._buffer)
        self.packed[item] = bytes(self._buffer)

    def each(self, prefix: str = "") -> Iterator[tuple[str, Thing]]:
        """Yields the records of items whose id begins with a prefix, in log order."""
        for item, packed in self.packed.items():
            if item.startswith(prefix):
                yield item, _decode(packed)

    def undo(self, item: str, leaf: bytes) -> Thing:
        """Takes back the latest event of an item, `leaf`, and returns the record."""
        thing = _decode(self.packed[item])
        if thing.before:
            _restore(thing, _decode_undo(thing.before), leaf)
            thing.before = b""
        self.put(item, thing)
        return thing


def _restore(thing: Thing, undo: Undo, leaf: bytes) -> None:
    """Gives a record the state that it had before the event `leaf`."""
    thing.life, thing.left, thing.pending = undo.life, undo.left, undo.pending
    thing.graded, thing.approved = undo.graded, undo.approved
    thing.holds = _kept(undo.holds, (mark for mark in thing.holds if mark[0] != leaf))
    thing.recalls = _kept(undo.recalls, (mark for mark in thing.recalls if mark[0] != leaf))
    thing.steps = _kept(undo.steps, (step for step in thing.steps if step.leaf != leaf))
    thing.plain = _kept(undo.plain, (plain for plain in thing.plain if plain.mark != leaf[:MARK]))
    thing.corrections = [one for one in thing.corrections if one.leaf != leaf]
    thing.answers = [answer for answer in thing.answers if answer.leaf != leaf]
    thing.notes = thing.notes if undo.notes is None else undo.notes
    if undo.life == VOIDED:
        thing.line = thing.book = thing.origin = thing.lot_class = ""


def _kept(replaced: list[Entry] | None, rest: Iterable[Entry]) -> list[Entry]:
    return list(rest) if replaced is None else replaced


_encoder = msgspec.msgpack.Encoder()
_encode, _encode_into = _encoder.encode, _encoder.encode_into
_decode = msgspec.msgpack.Decoder(Thing).decode
# Lines, books and the parts of what is read are asked for again and again.
_decode_shared = functools.lru_cache(_RECENT)(_decode)
_decode_undo = msgspec.msgpack.Decoder(Undo).decode
