"""The ledger policy as the account reads it: the last `set_policy`, whole, with defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from traceledger.identifiers import parse_decimal

__all__ = ["DEFAULT_LATE_HOURS", "Consumption", "Policy", "Wider"]

DEFAULT_LATE_HOURS = 72
_DEFAULT_DAYS = 365
_TOLERANCES = {"weight": "0.005", "value": "0", "mass": "0.02"}
_PROCESS_LOSS = "0.01"


class Consumption(NamedTuple):
    """What a unit of a part number contains of a new part; `loss` is None if not declared."""

    part_no: str
    new_part: str
    net: Decimal
    loss: Decimal | None


class Wider(NamedTuple):
    """A value by which an audit finds less than by the default; a fraction, hours or days."""

    name: str
    value: Decimal | int
    default: Decimal | int


class Policy:
    """The values in force; `values` is what the event sets, without defaults."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @property
    def late_hours(self) -> int:
        """The hours after which a record is late."""
        return int(self.values.get("late_hours", DEFAULT_LATE_HOURS))

    @property
    def writeoff_days(self) -> int:
        """The maximum number of days of a write-off period."""
        return int(self.values.get("writeoff_days", _DEFAULT_DAYS))

    @property
    def process_loss(self) -> Decimal:
        """The loss that processing may cause, as a fraction of the processed weight."""
        return parse_decimal(self.values.get("process_loss", _PROCESS_LOSS))

    @property
    def zone_country(self) -> str:
        """The country of the zone; empty if it is not set."""
        return str(self.values.get("zone_country", ""))

    @property
    def mode_codes(self) -> tuple[str, ...]:
        """The supervision modes that are allowed; empty if any is."""
        return tuple(self.values.get("mode_codes", ()))

    @property
    def yield_limits(self) -> dict[str, tuple[Decimal, Decimal]]:
        """The plausible yields by part number, lowest and highest, as fractions of one."""
        return {
            limit["part_no"]: (parse_decimal(limit["low"]), parse_decimal(limit["high"]))
            for limit in self.values.get("yield_limits", ())
        }

    @property
    def consumption(self) -> tuple[Consumption, ...]:
        """The declared consumption of new parts by units, in the order of the policy."""
        return tuple(
            Consumption(
                declared["part_no"],
                declared["new_part"],
                parse_decimal(declared["net"]),
                parse_decimal(declared["loss"]) if "loss" in declared else None,
            )
            for declared in self.values.get("consumption", ())
        )

    @property
    def losses(self) -> dict[str, Decimal]:
        """The highest loss rate declared for each new part, as a fraction of one."""
        found: dict[str, Decimal] = {}
        for declared in self.consumption:
            if declared.loss is not None:
                found[declared.new_part] = max(
                    declared.loss, found.get(declared.new_part, declared.loss)
                )
        return found

    @property
    def firmware(self) -> dict[str, list[tuple[str, str]]]:
        """The released software by part number, as pairs of version and SHA-256 of the image."""
        found: dict[str, list[tuple[str, str]]] = {}
        for released in self.values.get("firmware", ()):
            image = released["version"], released["image_sha256"]
            found.setdefault(released["part_no"], []).append(image)
        return found

    @property
    def longest_days(self) -> int:
        """The largest number of days that goods of any book may stay."""
        return max((limit["days"] for limit in self._day_limits), default=_DEFAULT_DAYS)

    @property
    def wider(self) -> tuple[Wider, ...]:
        """The values that allow more than the defaults."""
        fractions = (
            Wider(name, self.tolerance(name), parse_decimal(default))
            for name, default in _TOLERANCES.items()
        )
        found = (
            *fractions,
            Wider("process_loss", self.process_loss, parse_decimal(_PROCESS_LOSS)),
            Wider("late_hours", self.late_hours, DEFAULT_LATE_HOURS),
            Wider("max_days", self.longest_days, _DEFAULT_DAYS),
            Wider("writeoff_days", self.writeoff_days, _DEFAULT_DAYS),
        )
        return tuple(one for one in found if one.value > one.default)

    def tolerance(self, name: str) -> Decimal:
        """Returns the tolerance for `weight`, `value` or `mass`, as a fraction of one."""
        return parse_decimal(self.values.get("tolerances", {}).get(name, _TOLERANCES[name]))

    def max_days(self, book: str) -> int:
        """Returns the maximum number of days that goods of a book, an item id, may stay."""
        named = (limit["days"] for limit in self._day_limits if limit["book"] == book)
        return next(named, _DEFAULT_DAYS)

    @property
    def _day_limits(self) -> list[dict[str, Any]]:
        return list(self.values.get("max_days", ()))
