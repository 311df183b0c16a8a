"""What will happen to each core, decided before anything is signed.

The same seed gives the same story, so that a run can be reproduced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from traceledger.identifiers import make_gtin, new_serial
from traceledger.manifests.manifest import ManifestRow
from traceledger_cli.demo.models import MODELS

__all__ = ["COMPANY_PREFIX", "DESTINATIONS", "Fate", "decide_fates"]

COMPANY_PREFIX = "9521234"
"""A prefix from GS1's demonstration range, which no real company has."""

DESTINATIONS = ("USA", "DEU", "ARE", "MEX")

Grade = Literal["A", "B", "C", "R", "S"]
_FIRST: tuple[Grade, ...] = ("B", "B", "B", "B", "B", "R", "C", "S", "B", "B")
_REJECT_CODES = {"R": ("WATER", "BURNT", "WRONG_PART"), "S": ("CRACKED", "CORROSION")}


@dataclass(frozen=True, slots=True)
class Fate:
    """A core's course. `unit` and `destination` are empty for a core that becomes no unit."""

    row: ManifestRow
    grade: Grade
    reject_code: str
    needs_repair: bool
    fails_first_test: bool
    unit: str
    destination: str

    @property
    def core(self) -> str:
        """The core's item id."""
        return self.row.core.text


def decide_fates(rows: Sequence[ManifestRow], random: Random) -> tuple[Fate, ...]:
    """Decides for each core: about nine in ten become a unit, one in ten fails its first test.

    The first ten are fixed, so that the smallest demo contains the whole story: five remanufactured
    cores (one plain, one that fails its first test, one held, one recalled, one corrected), a
    rejected one, a donor, a scrapped one, and two more remanufactured ones (one diverted, one that
    comes back).
    """
    return tuple(_decide(number, row, random) for number, row in enumerate(rows))


def _decide(number: int, row: ManifestRow, random: Random) -> Fate:
    grade: Grade = random.choices(("A", "B", "C", "R", "S"), (22, 70, 2, 4, 2))[0]
    if number < len(_FIRST):
        grade = _FIRST[number]
    remade = grade in {"A", "B"}
    reference = MODELS[row.part_no].item_reference
    gtin = make_gtin(COMPANY_PREFIX, reference)
    return Fate(
        row=row,
        grade=grade,
        reject_code=random.choice(_REJECT_CODES[grade]) if grade in _REJECT_CODES else "",
        needs_repair=grade == "B",
        fails_first_test=number == 1 or (number >= len(_FIRST) and random.random() < 0.1),
        unit=f"01/{gtin}/21/{new_serial(random.randbytes)}" if remade else "",
        destination=random.choices(DESTINATIONS, (5, 2, 2, 1))[0] if remade else "",
    )
