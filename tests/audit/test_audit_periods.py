"""Statements about all legal histories: residuals are 0, periods join and add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audit.accounts import Plant, account_of, fold_of
from tests.audit.recount import Recount
from tests.forging import Forger
from tests.property.test_property_walks import ACTS, PICK, Walk
from traceledger.audit.account import Account
from traceledger.audit.findings.all import find_all
from traceledger.audit.output import describe_account
from traceledger.audit.picture import Picture
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot

Json = dict[str, Any]
TABLES = ("cores", "units", "components")
STOCKS = frozenset({"opening", "close", "in_transit", "missing", "here", "residual"})


def walked(acts: list[Any]) -> Walk:
    walk = Walk()
    for act, number, other in acts:
        act(walk, number, other)
    return walk


def rows(described: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    """All rows of balances, by their place."""
    for book in (*described["books"], described["no_book"]):
        for table in TABLES:
            for row in book.get(table, ()):
                name = row.get("book_line", row.get("part"))
                yield (book.get("book", ""), table, str(name)), row
    for lot in described["new_parts"]:
        yield ("new_parts", lot["lot"]), lot


def numbers(row: Json) -> dict[str, int]:
    """The terms of a row in pieces."""
    texts = ("book_line", "part", "part_no", "lot")
    return {
        name: int(value)
        for name, value in row.items()
        if isinstance(value, str) and name not in texts
    }


def whole_sizes(log: Forger, size: int) -> list[int]:
    """The sizes at which no join is half done, as at every published one."""
    kinds = [event.kind_name for event in log.events]
    return [at for at in range(2, size - 1) if kinds[at] not in {"consume", "harvest"}]


def check_recount(described: Json, log: Forger) -> None:
    """Compares the cores of each line, and what left on it, with a count that shares no code."""
    counted = Recount(log.events)
    fates, left = counted.fates(), counted.departures()
    assert sum(map(Counter.total, fates.values())) == sum(
        int(row["imported"]) for (_, table, *_), row in rows(described) if table == "cores"
    )
    for book in described["books"]:
        for line in book["lines_in"]:
            found = Counter({fate: int(count) for fate, count in line["fate"].items()})
            found["missing"] += found.pop("short_settled", 0)
            assert +found == fates[line["declaration"]]
        for line in book["lines_out"]:
            for term in ("exported", "returned", "diverted", "pending"):
                assert int(line[term]) == left[line["declaration"]][term]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), PICK, PICK), min_size=40, max_size=110), st.data())
def test_every_residual_of_a_legal_history_is_zero_and_its_periods_join(
    acts: list[Any], data: st.DataObject
) -> None:
    """Defends against pieces that are counted twice, or lost between two reports."""
    log = Forger(walked(acts).world)
    size = log.publish()
    cut = data.draw(st.sampled_from(whole_sizes(log, size)))
    whole, first, second = (
        account_of(log, scope) for scope in (Scope(), Scope(end=cut), Scope(start=cut))
    )
    for described in (whole, first, second):
        residuals = {place: row["residual"] for place, row in rows(described)}
        assert set(residuals.values()) <= {"0"}, residuals
        for book in described["books"]:
            assert book["mass"].get("residual", "0") in {"0", None}
            for line in book["lines_in"]:
                assert sum(map(int, line["fate"].values())) == int(line["imported"])
    assert "QTY-06" not in {finding["code"] for finding in whole["findings"]}
    check_recount(whole, log)
    earlier, later = dict(rows(first)), dict(rows(second))
    for place, row in rows(whole):
        total, after = numbers(row), numbers(later[place])
        before = numbers(earlier[place]) if place in earlier else {}
        assert before.get("close", 0) == after["opening"]
        assert total["close"] == after["close"]
        for term in total.keys() - STOCKS:
            assert before.get(term, 0) + after[term] == total[term], (place, term)


class _CountedReads(dict[int, Snapshot]):
    """Snapshots that count how often they are read."""

    reads = 0

    def get(self, size: int, default: Any = None) -> Any:
        self.reads += 1
        return super().get(size, default)


def test_opening_of_a_book_is_looked_for_once() -> None:
    """It reads all sums of that moment: asked for each line, an audit took quadratic time."""
    reads = []
    for count in (1, 4):
        plant = Plant()
        for at in range(count):
            plant.import_core(plant.declare_in(2, "2.000", book_line=at + 1))
        plant.add("stocktake", plant.book_id, {"opening": True})
        plant.wait(10)
        plant.add("move", plant.waste)  # the lines are due
        log = Forger(plant)
        log.publish()
        state = fold_of(log).state
        snapshots = _CountedReads(state.snapshots)
        account = Account(Picture(state.records), Scope(), snapshots)
        describe_account(account, find_all(account))
        reads.append(snapshots.reads)
    assert reads[0] == reads[1]
