"""Every figure of an account can be followed to the items and entries that it sums."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.audit.accounts import Plant, row
from tests.conftest import SmallDemo
from tests.forging import Forger, audit
from traceledger.audit.account import Account
from traceledger.audit.behind import find_figure, find_parts, start_of_path
from traceledger.audit.findings.all import find_all
from traceledger.audit.fold import AccountFold, AccountState
from traceledger.audit.output import describe_account
from traceledger.audit.picture import Picture
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Sums
from traceledger.errors import NotFoundError
from traceledger.formats.trust import parse_trust
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource

Json = dict[str, Any]
TABLES = ("cores", "units", "components")
# What is no sum over items: names, times and the oldest age.
TEXTS = {
    *("book", "declaration", "entry_no", "entry_line", "list_no", "list_line", "book_line", "mode"),
    *(
        "hs10",
        "due",
        "currency",
        "part_nos",
        "part_no",
        "new_part",
        "part",
        "lot",
        "pending",
        "residue",
    ),
    *("oldest_open_days", "weighed", "destroyed_weighed"),
}
# Of a waste lot and of new parts: 0 by construction, whatever the items.
RESIDUALS = {"residual"}


def figures(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all sums of an account."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for name, member in members:
        if name in TEXTS or name in RESIDUALS:
            continue
        if isinstance(member, str):
            yield f"{path}/{name}"
        else:
            yield from figures(member, f"{path}/{name}")


def sums(described: Json) -> Iterator[str]:
    for number, book in enumerate(described["books"]):
        for table in ("lines_in", "lines_out", *TABLES, "mass"):
            yield from figures(book[table], f"/books/{number}/{table}")
    for name in ("no_book", "new_parts", "waste", "yield", "consumption", "losses"):
        yield from figures(described[name], f"/{name}")
    yield "/open_cores"


def check(account: Account, described: Json, before: Account | None = None) -> int:
    count = 0
    for path in sums(described):
        parts = find_parts(account, described, path, before)
        total = sum((part.value or Decimal(0) for part in parts), Decimal(0))
        assert total == Decimal(find_figure(described, path)), path
        assert all(part.entries for part in parts), path
        count += bool(parts)
    return count


@pytest.fixture(scope="module")
def of_demo(small_demo: SmallDemo) -> AccountFold:
    trust = parse_trust(small_demo.trust.read_bytes())
    fold = AccountFold(Scope(), trust.customs)
    source = FolderSource(small_demo.root / "archive")
    verify_archive(source, trust, now=1_800_000_000, workers=1, folds={"account": fold})
    return fold


def account_of(state: AccountState, scope: Scope) -> tuple[Account, Json]:
    account = Account(Picture(state.records, scope.as_of), scope, state.snapshots)
    return account, describe_account(account, find_all(account))


def state_of(plant: Plant) -> AccountState:
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    fold = AccountFold(Scope(), trust.customs)
    audit(log.files(), trust, folds={"account": fold})
    return fold.state


def test_parts_of_every_figure_of_the_demo_add_up_to_it(of_demo: AccountFold) -> None:
    """Defends against a link that shows other items than those that were counted."""
    account, described = account_of(of_demo.state, Scope())
    assert check(account, described) > 100


def test_parts_of_a_period_are_those_of_its_flows() -> None:
    """Defends against a period that shows the items of an earlier one."""
    plant = Plant()
    line = plant.declare_in(3, "3.000")
    first, second, third = (plant.import_core(line, state="IN_PROCESS") for _ in range(3))
    unit = plant.build("1.000", first)
    opening = state_of(plant)
    start = opening.records.size - 1
    out = plant.declare_out(1, "1.000")
    plant.export(unit, out)
    plant.build("1.000", second)
    plant.send_back(third, plant.declare_out(1, "1.000"), "1.000")
    state = state_of(plant)
    state.snapshots[start] = Sums(Picture(opening.records)).snapshot()
    account, described = account_of(state, Scope(start, book=plant.book_id))
    before, _ = account_of(opening, Scope(1, start, book=plant.book_id))
    assert row(described["books"][0]["cores"], "opening", "consumed", "close") == ["2", "1", "0"]
    assert start_of_path(account, described, "/books/0/cores/0/consumed") == start
    (part,) = find_parts(account, described, "/books/0/cores/0/consumed", before)
    assert part.item == second
    check(account, described, before)


def test_what_was_voided_since_is_shown_as_it_was() -> None:
    """The opening of a period counts it, and its record has no events any more."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    plant.import_core(line, state="IN_PROCESS")
    voided = plant.import_core(line)
    opening = state_of(plant)
    start = opening.records.size - 1
    plant.add("void", voided)
    state = state_of(plant)
    state.snapshots[start] = Sums(Picture(opening.records)).snapshot()
    account, described = account_of(state, Scope(start, book=plant.book_id))
    before, _ = account_of(opening, Scope(1, start, book=plant.book_id))
    check(account, described, before)
    (part,) = find_parts(account, described, "/books/0/cores/0/imported", before)
    assert (part.item, part.value) == (voided, Decimal(-1))
    assert [place.kind for place in part.entries] == ["import"]


def shapes(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all members of an account, and of one of each list of many."""
    yield path
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value[:2])
    for name, member in members:
        yield from shapes(member, f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}")


def test_every_member_of_an_account_has_an_address(of_demo: AccountFold) -> None:
    """The console links them, so none may end in an error; a sum of what is no sum is empty."""
    account, described = account_of(of_demo.state, Scope())
    table = described["books"][0]["components"][0]
    paths = [path for path in shapes(described) if path]
    assert {"/books/0/lines_in/0/fate", "/books/0/cores/0/kg/close", "/yield"} <= {*paths}
    for path in paths:
        start_of_path(account, described, path)
        assert all(part.item for part in find_parts(account, described, path)), path
    for name in ("lines_in/0", "cores/0", "cores/0/kg", "cores/0/part_nos/0", "lines_in/0/fate"):
        assert find_parts(account, described, f"/books/0/{name}") == []
    assert "part" in table
    assert find_parts(account, described, "/books/0/components/0/part") == []


def test_part_names_every_event_on_the_way_out() -> None:
    """Defends against a fate that is believed because its evidence is long."""
    plant = Plant()
    line = plant.declare_in(1, "1.000")
    core = plant.import_core(line, state="IN_PROCESS")
    unit = plant.build("1.000", core)
    plant.export(unit, plant.declare_out(1, "1.000"))
    account, described = account_of(state_of(plant), Scope(book=plant.book_id))
    (part,) = find_parts(account, described, "/books/0/lines_in/0/fate/exported")
    assert [(entry.kind, entry.item) for entry in part.entries] == [
        ("import", core),
        ("assemble", unit),
        ("export", unit),
        ("confirm", unit),
    ]
    for entry in part.entries:
        assert plant.events[entry.at].leaf == entry.leaf


def test_unknown_value_remains_unknown_behind_the_figure() -> None:
    """Defends against a withheld weight that counts as zero."""
    plant = Plant()
    line = plant.declare_in(1, "1.000")
    plant.import_core(line)
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    fold = AccountFold(Scope(book=plant.book_id), trust.customs)
    audit(log.files(disclosed=False), trust, folds={"account": fold})
    account, described = account_of(fold.state, Scope(book=plant.book_id))
    assert find_figure(described, "/books/0/lines_in/0/kg") is None
    (part,) = find_parts(account, described, "/books/0/lines_in/0/kg")
    assert part.value is None


@pytest.mark.parametrize(
    "path",
    [
        *("x", "/books/7", "/books/0/lines_in/0/none", "/books/x", "/~"),
        *("/books/x/cores", "/books/99/cores/0/close", "/books/-1/cores"),
    ],
)
def test_path_without_a_figure_is_refused(path: str) -> None:
    """Defends against an address that shows nothing as if it were a figure of 0."""
    plant = Plant()
    plant.declare_in(1, "1.000")
    account, described = account_of(state_of(plant), Scope())
    with pytest.raises(NotFoundError) as refused:
        find_parts(account, described, path)
    assert refused.value.code == "account.figure"
