"""The life cycle: one table of the kinds of event that each state allows.

A transition that is not listed is refused. Overlays (holds, recalls) are marks in addition to the
state, not states.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from traceledger.errors import NotAllowedError

__all__ = [
    "ANYTIME",
    "NEW",
    "PENDING",
    "RULES",
    "TABLE",
    "VOIDED",
    "Cause",
    "Row",
    "next_kinds",
    "next_life",
]

NEW = ""
VOIDED = "VOIDED"
"""The state of a chain whose first event was voided; the table has no transition from it."""
RULES = 1
"""The version of these rules; a ledger's `found` and `rules` events name the version it follows."""


class Row(NamedTuple):
    """A transition: from any of these states, an event of this kind and value leads to `to`."""

    chain: str
    before: tuple[str, ...]
    kind: str
    to: str
    field: str = ""
    values: tuple[str, ...] = ()


# Accepted in every state, also while a hold is in force; they change no state.
ANYTIME = frozenset(
    {
        "hold",
        "recall",
        "release",
        "correct",
        "void",
        "confirm",
        "customs_check",
        "move",
        "erase",
    }
)

# Kinds that change the state only on confirmation, by chain.
PENDING = frozenset({("divert", "core"), ("divert", "unit"), ("destroy", "lot")})

_WORKED = ("clean", "diagnose", "repair", "update", "calibrate")
_HERE = ("ASSEMBLED", "TESTED", "FAILED", "APPROVED", "PACKED")

TABLE: tuple[Row, ...] = (
    Row("core", (NEW,), "import", "DECLARED"),
    Row("core", ("DECLARED", "MISSING"), "receive", "RECEIVED", "result", ("ok",)),
    Row("core", ("DECLARED", "MISSING"), "receive", "MISSING", "result", ("short",)),
    Row("core", ("RECEIVED", "ACCEPTED"), "inspect", "ACCEPTED", "grade", ("A", "B")),
    Row("core", ("RECEIVED", "ACCEPTED"), "inspect", "DONOR", "grade", ("C",)),
    Row("core", ("RECEIVED", "ACCEPTED"), "inspect", "REJECTED", "grade", ("R",)),
    Row("core", ("RECEIVED", "ACCEPTED"), "inspect", "CONDEMNED", "grade", ("S",)),
    *(Row("core", ("ACCEPTED", "IN_PROCESS"), kind, "IN_PROCESS") for kind in _WORKED),
    Row("core", ("ACCEPTED", "IN_PROCESS", "DONOR"), "disassemble", "DISASSEMBLED"),
    Row("core", ("ACCEPTED", "IN_PROCESS"), "consume", "CONSUMED"),
    Row(
        "core",
        ("RECEIVED", "ACCEPTED", "IN_PROCESS", "DONOR", "REJECTED"),
        "return",
        "RETURNED",
    ),
    Row(
        "core",
        ("RECEIVED", "ACCEPTED", "IN_PROCESS", "DONOR", "REJECTED", "CONDEMNED"),
        "scrap",
        "SCRAPPED",
    ),
    Row("core", ("RECEIVED", "ACCEPTED", "IN_PROCESS", "DONOR"), "divert", "DIVERTED"),
    Row("component", (NEW,), "harvest", "AVAILABLE"),
    *(
        Row("component", ("AVAILABLE",), kind, "AVAILABLE")
        for kind in ("inspect", *_WORKED, "test")
    ),
    Row("component", ("AVAILABLE",), "consume", "CONSUMED"),
    Row("component", ("AVAILABLE",), "scrap", "SCRAPPED"),
    Row("component", ("AVAILABLE",), "return", "RETURNED"),
    Row("unit", (NEW,), "assemble", "ASSEMBLED"),
    Row("unit", ("ASSEMBLED", "TESTED"), "test", "TESTED", "overall", ("pass",)),
    Row("unit", ("ASSEMBLED", "TESTED"), "test", "FAILED", "overall", ("fail",)),
    Row("unit", ("TESTED",), "approve", "APPROVED", "decision", ("pass", "concession")),
    Row("unit", ("TESTED",), "approve", "FAILED", "decision", ("reject",)),
    *(Row("unit", _HERE, kind, "ASSEMBLED") for kind in ("repair", "update", "calibrate")),
    *(Row("unit", (state,), kind, state) for state in _HERE for kind in ("clean", "diagnose")),
    Row("unit", ("APPROVED",), "pack", "PACKED"),
    Row("unit", ("PACKED",), "export", "EXPORTED"),
    Row("unit", ("PACKED",), "divert", "DIVERTED"),
    Row("unit", ("ASSEMBLED", "FAILED"), "disassemble", "DISASSEMBLED"),
    Row("unit", _HERE, "scrap", "SCRAPPED"),
    Row("unit", ("EXPORTED", "DIVERTED"), "warranty_return", "CLAIMED"),
    Row("unit", ("EXPORTED", "DIVERTED", "CLAIMED"), "reimport", "REIMPORTED"),
    Row("lot", (NEW,), "open_lot", "OPEN"),
    Row("lot", ("OPEN",), "fill_lot", "OPEN"),
    Row("lot", ("OPEN",), "draw_lot", "OPEN"),
    Row("lot", ("OPEN",), "close_lot", "CLOSED"),
    Row("lot", ("CLOSED",), "destroy", "DESTROYED"),
    Row("lot", ("OPEN", "CLOSED"), "return", "RETURNED"),
    Row("declaration", (NEW,), "declare_in", "DECLARED"),
    Row("declaration", (NEW,), "declare_out", "DECLARED"),
    Row("declaration", ("DECLARED",), "gate", "DECLARED"),
    Row("declaration", ("DECLARED",), "close_line", "CLOSED"),
    Row("book", (NEW,), "open_book", "OPEN"),
    Row("book", ("OPEN",), "stocktake", "OPEN"),
    Row("book", ("OPEN",), "writeoff", "OPEN"),
)

_BY_STEP: dict[tuple[str, str, str], list[Row]] = {}
for _row in TABLE:
    for _state in _row.before:
        _BY_STEP.setdefault((_row.chain, _state, _row.kind), []).append(_row)


class Cause(Protocol):
    """The part of an event that the table reads: its kind, and the public fields of a few kinds."""

    @property
    def kind_name(self) -> str:
        """The name of the kind."""

    @property
    def data(self) -> Any:
        """The public fields."""


def next_life(chain: str, life: str, event: Cause) -> str:
    """Returns the state after an event; raises NotAllowedError `life.transition`.

    `life` is empty for a chain that has no event yet.
    """
    kind = event.kind_name
    if kind in ANYTIME and life != NEW:
        return life
    for row in _BY_STEP.get((chain, life, kind), ()):
        if not row.field or getattr(event.data, row.field) in row.values:
            return row.to
    possible = ", ".join(next_kinds(chain, life)) or "no event that changes its state"
    raise NotAllowedError(
        "life.transition",
        f"{kind} is not possible for a {chain} that is {life or 'new'}; possible now: {possible}",
    )


def next_kinds(chain: str, life: str) -> tuple[str, ...]:
    """Lists the kinds that may change a chain in this state, in the order of the table."""
    return tuple(
        dict.fromkeys(row.kind for row in TABLE if row.chain == chain and life in row.before)
    )
