"""QR symbols (ISO/IEC 18004), as a matrix of modules."""

from __future__ import annotations

from typing import Literal, NamedTuple

from qrcode.constants import (  # type: ignore[import-untyped]  # qrcode has no types
    ERROR_CORRECT_H,
    ERROR_CORRECT_Q,
)
from qrcode.exceptions import DataOverflowError  # type: ignore[import-untyped]  # as above
from qrcode.main import QRCode  # type: ignore[import-untyped]  # as above

from traceledger.errors import UsageError
from traceledger.identifiers import excerpt

__all__ = ["QUIET", "Correction", "Symbol", "make_symbol"]

QUIET = 4
"""The width of the quiet zone, in modules."""

Correction = Literal["Q", "H"]
_LEVELS = {"Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}


class Symbol(NamedTuple):
    """The modules by row, True for dark ones, without the quiet zone."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """The number of modules on a side."""
        return len(self.rows)


def make_symbol(text: str, correction: Correction = "Q") -> Symbol:
    """Builds the smallest symbol that can encode the text.

    Q tolerates damage to 25 % of it, H to 30 %. Raises UsageError `label.size`.
    """
    code = QRCode(error_correction=_LEVELS[correction], border=0)
    code.add_data(text)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise UsageError("label.size", f"{excerpt(text)} is too long for a QR symbol") from error
    return Symbol(tuple(tuple(map(bool, row)) for row in code.get_matrix()))
