"""Random samples of cores, in an order that a seed fixes before anybody sees the list.

Cores are ordered by SHA-256 of the seed and their id; the first ones are the sample. So another
program draws the same sample from the same account and seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from traceledger.audit.cores import CoreRow
from traceledger.audit.fates import FATES
from traceledger.errors import VerificationError
from traceledger.formats.sample import SampleStatement

__all__ = ["CHOICES", "DrawnFrom", "draw", "find_frame"]

_OPEN = "open"

CHOICES = ("", _OPEN, *FATES)
"""From which cores a sample is drawn: all, those that are open, or those of one fate."""


def find_frame(cores: Iterable[CoreRow], choice: str) -> list[CoreRow]:
    """Returns the cores from which a sample is drawn."""
    return [row for row in cores if choice in {"", row.fate} or (choice == _OPEN and row.is_open)]


def draw(frame: Iterable[CoreRow], seed: str, size: int) -> list[CoreRow]:
    """Draws a sample of at most that size; `seed` is SHA-256 in hex."""
    salt = bytes.fromhex(seed)
    return sorted(frame, key=lambda row: hashlib.sha256(salt + row.item.encode()).digest())[:size]


class DrawnFrom(NamedTuple):
    """What samples are drawn from: a ledger, the SHA-256 of its account in hex, and the cores."""

    origin: str
    account: str
    cores: tuple[CoreRow, ...]

    def check(self, statement: SampleStatement) -> None:
        """Draws the sample of a statement again; raises VerificationError `sample.differs`."""
        number = statement.number
        if (statement.origin, statement.account) != (self.origin, self.account):
            raise VerificationError(
                "sample.differs",
                f"sample {number} is of {statement.origin} from {statement.from_size} to"
                f" {statement.to_size}, account {statement.account}; this is {self.origin},"
                f" account {self.account}",
            )
        frame = find_frame(self.cores, statement.fate)
        drawn = [row.item for row in draw(frame, statement.seed, statement.size)]
        if statement.frame != len(frame) or drawn != [row.item for row in statement.results]:
            raise VerificationError("sample.differs", f"sample {number} is not what its seed draws")
