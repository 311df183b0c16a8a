"""Accounts of small ledgers in memory: a plant that records what it is given, and its audit.

plant = Plant()                       # a world with a book, whose things weigh what they should
line = plant.declare_in(5, "5.000")
core = plant.import_core(line)
account(plant)                        # the account as JSON, computed while it is verified
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.forging import Forger, audit
from tests.world import START, World
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope

__all__ = ["Plant", "account", "account_of", "codes", "day", "fold_of", "row"]

Json = dict[str, Any]


def day(days: int = 0) -> str:
    """A time that many days after the first event, as text."""
    return f"{datetime.fromtimestamp(START + days * 86_400, UTC):%Y-%m-%dT%H:%M:%SZ}"


class Plant(World):
    """A world with another book, whose drafts are consistent unless a test makes them differ."""

    def __init__(self, **policy: Any) -> None:
        super().__init__()
        self.add("set_policy", "policy", {"values": {"zone_country": "CHN", **policy}})
        self.book_id = self.book()
        self.waste = self.lot()

    def wait(self, days: int) -> None:
        """Lets days pass before the next event."""
        self.elapsed += days * 86_400

    def declare(self, kind: str, quantity: str, kg: str, **fields: Any) -> str:
        """Declares a line of this book; a value of 1.00 USD a piece."""
        item = self._new_id("decl/DECLARED-LINE-{:04}")
        data = {
            "quantity": quantity,
            "net_kg": kg,
            "total": {"amount": f"{quantity}.00", "currency": "USD"},
            "declared_at": day(),
            "book_line": 11,
            "mode": "1371",
            **fields,
        }
        self.add(kind, item, data, refs=(("book", self.book_id),))
        return item

    def declare_in(self, quantity: int, kg: str, **fields: Any) -> str:
        """Declares an inbound line."""
        return self.declare("declare_in", str(quantity), kg, **fields)

    def declare_out(self, quantity: int, kg: str, **fields: Any) -> str:
        """Declares an outbound line."""
        return self.declare("declare_out", str(quantity), kg, **fields)

    def import_core(self, line: str, kg: str = "1.000", *, state: str = "", **fields: Any) -> str:
        """Imports a core of a line and takes it to a state."""
        item = self._new_id("8004/9521234C{:06}")
        value = {"amount": "1.00", "currency": "USD"}
        data = {"net_kg": kg, "unit_value": value, "part_no": "P-1", **fields}
        self.add("import", item, data, refs=(("declaration", line),) if line else ())
        return self.bring("core", item, state) if state else item

    def build(self, kg: str, *parts: str, **fields: Any) -> str:
        """Assembles a unit."""
        unit = self._new_id("01/09521234543213/21/U{:04}")
        refs: tuple[tuple[str, ...], ...] = tuple(("input", part) for part in parts)
        if len(parts) > 1:
            refs += (("primary", parts[0]),)
        data = {"input_count": len(parts), "net_kg": kg, **fields}
        self.add("assemble", unit, data, refs=refs)
        for part in parts:
            self.add("consume", part, refs=(("unit", unit),))
        return unit

    def strip(self, item: str, *parts: tuple[str, str], **fields: Any) -> tuple[str, ...]:
        """Takes a thing apart into components, given as names and weights."""
        items = tuple(self._new_id("8004/9521234P{:06}") for _ in parts)
        refs = tuple(("output", part) for part in items)
        self.add("disassemble", item, {"output_count": len(parts), **fields}, refs=refs)
        for part, (name, kg) in zip(items, parts, strict=True):
            self.add("harvest", part, {"part": name, "net_kg": kg}, refs=(("parent", item),))
        return items

    def release(self, unit: str, **label: Any) -> None:
        """Tests, approves and packs a unit."""
        for kind, fields in (
            ("test", {"overall": "pass", "equipment": {"id": "B-1", "due": "2030-01-01"}}),
            ("approve", {"decision": "pass"}),
            ("pack", label),
        ):
            self.add(kind, unit, fields)

    def export(self, unit: str, line: str, *, answer: str = "confirmed", **fields: Any) -> None:
        """Releases a unit and exports it; the carrier answers."""
        self.release(unit)
        data = {"destination": "USA", "departed_at": day(1), **fields}
        self.add("export", unit, data, refs=(("declaration", line),))
        if answer:
            self.confirm(unit, by="carrier", result=answer)

    def send_back(
        self, item: str, line: str, kg: str, *, answer: str = "confirmed", **fields: Any
    ) -> None:
        """Returns a core or component abroad; the carrier answers."""
        data = {"net_kg": kg, "quantity": "1", "destination": "ARE", **fields}
        self.add("return", item, data, refs=(("declaration", line),))
        if answer:
            self.confirm(item, by="carrier", result=answer)

    def scrap(self, item: str, kg: str, **fields: Any) -> None:
        """Scraps a thing into this plant's waste lot."""
        self.add("scrap", item, {"net_kg": kg, **fields}, refs=(("lot", self.waste),))

    def amend(self, line: str, *, confirmed: bool = True, receipt: str = "", **fields: Any) -> None:
        """Corrects customs fields of a line, with a receipt; customs answer."""
        first = self.replay.state(line)
        assert first is not None
        data = {"set_customs": fields, "amendment": "A-17"}
        if receipt:
            data["receipt_sha256"] = receipt
        refs = (("target", line, first.first),)
        self.add("correct", line, data, by="importer", refs=refs)
        if confirmed:
            self.confirm(line)


def fold_of(log: Forger, scope: Scope | None = None, **options: Any) -> AccountFold:
    """The fold that has read a log that was published."""
    trust = log.trust()
    fold = AccountFold(scope or Scope(), trust.customs)
    audit(log.files(**options), trust, folds={"account": fold})
    return fold


def account_of(log: Forger, scope: Scope | None = None, **options: Any) -> Json:
    """The account of a log that was published."""
    return fold_of(log, scope, **options).finish()


def account(plant: Plant, scope: Scope | None = None, **options: Any) -> Json:
    """The account of a plant's book."""
    log = Forger(plant)
    log.publish()
    return account_of(log, scope or Scope(book=plant.book_id), **options)


def codes(described: Json) -> list[str]:
    """The codes of all findings, in order."""
    return [finding["code"] for finding in described["findings"]]


def row(table: list[Json], *terms: str) -> list[str]:
    """The values of these terms in the only row of a table."""
    (only,) = table
    return [only[term] for term in terms]
