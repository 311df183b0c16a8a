"""A second, simple implementation of the life cycle, on the design's tables, to walk along with.

It knows nothing of the code of `traceledger.rules`: a thing is its state, its marks and what its
latest event was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.lifetable import ALWAYS, EXPECTED, WAITS, name_of
from traceledger.events.catalogue import CATALOGUE

__all__ = ["Mark", "Model"]

NEVER_BACK = {"assemble", "consume", "disassemble", "harvest", "void", "erase"}
CONFIRMED = {"export", "return", "draw_lot", "destroy", "divert", "writeoff", "correct"}
LOT_CLASS = {
    "fill_lot": "new_part",
    "draw_lot": "new_part",
    "close_lot": "waste",
    "destroy": "waste",
}


@dataclass(frozen=True)
class Mark:
    """A hold or recall that is on: its event, who may end it, whether there was rework since."""

    event: str
    kind: str
    by: str
    reworked: bool = False


@dataclass(frozen=True)
class Model:
    """What the design says that a thing is."""

    chain: str
    life: str
    event: str
    by: str
    kind: str
    lot_class: str = ""
    lot: str = ""
    marks: tuple[Mark, ...] = ()
    pending: tuple[str, str, str] = ("", "", "")  # event, kind, the state it leads to
    depth: int = 0
    length: int = 1
    cited: bool = False
    successor: str = ""
    before: Model | None = None

    @property
    def first(self) -> bool:
        """Nothing happened since its first event, so that whoever names that names the latest."""
        return self.length == 1

    def is_on(self, kind: str) -> bool:
        return any(mark.kind == kind for mark in self.marks)

    def after(self, kind: str, value: str) -> str:
        """The state to which a step leads, or nothing if the step must be refused."""
        if self.chain not in CATALOGUE[kind].chains:
            return ""
        if kind in ALWAYS:
            return self.life
        if self.is_on("hold") or self.pending[0]:
            return ""
        recalls = [mark for mark in self.marks if mark.kind == "recall"]
        if kind in {"pack", "export"} and recalls:
            return ""
        if kind == "approve" and not all(mark.reworked for mark in recalls):
            return ""
        if LOT_CLASS.get(kind, self.lot_class) != self.lot_class:
            return ""
        return EXPECTED.get((self.chain, self.life, name_of(kind, value)), "")

    def usable(self) -> bool:
        """It may go into a unit."""
        return self.chain in {"core", "component"} and bool(self.after("consume", ""))

    def may_go_back(self) -> bool:
        """Its latest event may be taken back."""
        return self.kind not in NEVER_BACK and self.by != "customs" and not self.cited

    def may_be_confirmed(self) -> bool:
        """Customs may confirm its latest event."""
        return self.kind in CONFIRMED and self.by != "customs"

    def step(self, event: str, kind: str, by: str, value: str = "") -> Model:
        """The thing after a step that is possible."""
        life, pending = self.after(kind, value), self.pending
        if (self.chain, kind) in WAITS:
            life, pending = self.life, (event, kind, life)
        marks = self.marks
        if kind in {"hold", "recall"}:
            marks = (*marks, Mark(event, kind, by))
        elif kind in {"repair", "update"}:
            marks = tuple(replace(one, reworked=True) for one in marks)
        return self.grown(event, kind, by, life=life, pending=pending, marks=marks)

    def grown(self, event: str, kind: str, by: str, **changes: object) -> Model:
        """The thing with one event more."""
        moved = replace(self, event=event, kind=kind, by=by, cited=False, before=self)
        return replace(moved, length=self.length + 1, **changes)  # type: ignore[arg-type]  # any of the fields

    def released(self, event: str, by: str, mark: Mark) -> Model:
        rest = tuple(one for one in self.marks if one is not mark)
        return self.grown(event, "release", by, marks=rest)

    def confirmed(self, event: str, answer: str) -> Model:
        life = self.pending[2] if answer == "confirmed" and self.pending[0] else self.life
        return self.grown(event, "confirm", "customs", life=life, pending=("", "", ""))

    def voided(self, event: str, by: str) -> Model:
        old = self.before
        if old is None:
            return self.grown(event, "void", by, life="VOIDED")
        return self.grown(event, "void", by, life=old.life, marks=old.marks, pending=old.pending)
