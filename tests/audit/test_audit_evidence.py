"""Evidence of findings: the same events, however often findings are computed and joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.audit.accounts import Json, Plant, account_of
from tests.audit.test_audit_behind import state_of
from tests.forging import Forger
from traceledger.audit.account import Account
from traceledger.audit.evidence import SHOWN, Evidence
from traceledger.audit.findings.all import find_all
from traceledger.audit.output import describe_account, format_account
from traceledger.audit.picture import Picture
from traceledger.audit.scope import Scope

_EVENTS = st.lists(st.integers(0, 200), max_size=150)
_MORE = SHOWN + 6


def _of(indexes: list[int]) -> Evidence:
    return Evidence((index, index.to_bytes(2)) for index in indexes)


@given(st.lists(_EVENTS, max_size=4))
def test_union_counts_each_event_once(parts: list[list[int]]) -> None:
    """Parts may overlap anywhere, also where only the number of events is shown."""
    evidence = [_of(part) for part in parts]
    before = [(one.count, one.places) for one in evidence]
    joined = Evidence.union([*evidence, *evidence])
    events = sorted({index for part in parts for index in part})
    assert joined.count == len(events)
    assert [index for index, _ in joined.places] == events[:SHOWN]
    assert [(one.count, one.places) for one in evidence] == before


def mixed_waste(plant: Plant) -> str:
    """A lot of the plant's book with waste of two other books, more than is shown of each."""
    lot = plant._new_id("lot/W{:06}")
    own = plant.book_id
    plant.add("open_lot", lot, {"class": "waste"}, refs=(("book", own),))
    for _ in range(2):
        plant.book_id = plant.book()
        line = plant.declare_in(_MORE, f"{_MORE}.000")
        for _ in range(_MORE):
            core = plant.import_core(line, state="RECEIVED")
            plant.add("scrap", core, {"net_kg": "1.000"}, refs=(("lot", lot),))
    plant.book_id = own
    return lot


def test_account_is_the_same_however_often_it_is_described() -> None:
    """A true report must not recompute otherwise because findings were computed before."""
    plant = Plant()
    mixed_waste(plant)
    state = state_of(plant)
    account = Account(Picture(state.records), Scope(), state.snapshots)
    alone = account.of_book(plant.book_id)
    described = [format_account(describe_account(one, find_all(one))) for one in (account, alone)]
    again = [format_account(describe_account(one, find_all(one))) for one in (account, alone)]
    assert described == again
    (found,) = [one for one in find_all(account) if one.code == "LIN-08"]
    assert found.evidence.count == 2 * _MORE


def test_many_cores_of_one_old_serial_are_counted_once_each() -> None:
    plant = Plant()
    line = plant.declare_in(_MORE, f"{_MORE}.000")
    for _ in range(_MORE):
        plant.import_core(line, old_serial="NONE")
    assert _doubles(plant, plant.book_id) == [_MORE]


def test_cores_of_two_books_with_one_old_serial_are_found_in_both() -> None:
    plant = Plant()
    first = plant.book_id
    plant.import_core(plant.declare_in(1, "1.000"), old_serial="P35PFZAH05XY")
    plant.book_id = second = plant.book()
    plant.import_core(plant.declare_in(1, "1.000"), old_serial="P35PFZAH05XY")
    assert [_doubles(plant, book) for book in (first, second, "")] == [[2], [2], [2]]


def _doubles(plant: Plant, book: str) -> list[int]:
    """The numbers of events of DUP-01, to an auditor who sees internal fields."""
    log = Forger(plant)
    log.disclose_all()
    log.publish()
    described: Json = account_of(log, Scope(book=book))
    return [found["count"] for found in described["findings"] if found["code"] == "DUP-01"]
