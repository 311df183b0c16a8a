"""Counts of a book compared with the stock at their position (docs/spec/account.md, STK-01)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import quantity, read, text

__all__ = ["Count", "find_counts"]

_CLASSES = frozenset({"core", "component", "unit"})


@dataclass(frozen=True, slots=True)
class Count:
    """One count: all stocktakes of the same scope and moment; `at` is in seconds since 1970.

    `rows` are counted and recorded pieces by class and part number; None if the counts are unseen.
    """

    scope: str
    at: int
    opening: bool
    rows: dict[tuple[str, str], tuple[Figure, int]] | None
    evidence: Evidence

    @property
    def differing(self) -> list[tuple[str, str]]:
        """The classes and part numbers that differ."""
        rows = self.rows or {}
        return [key for key, (counted, here) in rows.items() if counted not in (None, here)]


def find_counts(book: Thing) -> list[Count]:
    """Returns the counts of a book in log order."""
    groups: dict[tuple[str, int], list[Step]] = {}
    for step in book.all("stocktake"):
        key = (text(book, step, "scope") or "", step.at)
        groups.setdefault(key, []).append(step)
    return [_count(book, scope, at, steps) for (scope, at), steps in groups.items()]


def _count(book: Thing, scope: str, at: int, steps: list[Step]) -> Count:
    here = steps[-1].value("here")
    values = [read(book, step, "counts") for step in steps]
    rows = None
    if all(isinstance(value, list) for value in values):
        counted = _add_counts(itertools.chain.from_iterable(values))
        rows = {key: (pieces, here.get(f"{key[0]} {key[1]}", 0)) for key, pieces in counted.items()}
    opening = any(step.value("opening") for step in steps)
    return Count(scope, at, opening, rows, Evidence.of(*steps))


def _add_counts(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Figure]:
    counted: dict[tuple[str, str], Figure] = {}
    for row in rows:
        if row["item_class"] in _CLASSES:
            key = row["item_class"], row["part_no"]
            counted[key] = add(counted.get(key, ZERO), quantity(row["quantity"]))
    return counted
