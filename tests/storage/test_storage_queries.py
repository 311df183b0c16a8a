"""Asserts query plans: a query that scans or sorts becomes slow only when a ledger is large."""

from __future__ import annotations

import inspect
import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from traceledger.storage import queries, reading
from traceledger.storage.sqlite import store as sqlite_store
from traceledger.storage.sqlite.schema import migrate
from traceledger.views.rows import Search

BY_INDEX = "SEARCH entry USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
DISCLOSURES = "SEARCH disclosure USING INTEGER PRIMARY KEY (rowid=?)"

PLANS = {
    "SIZE": ["SEARCH entry"],
    "ENTRIES": [BY_INDEX, DISCLOSURES],
    "BODIES": [BY_INDEX],
    "CONTENTS": [BY_INDEX],
    "LEAVES": [BY_INDEX],
    "CHAIN": ["SEARCH entry USING INDEX entry_place (item=? AND seq<?)", DISCLOSURES],
    "PLACE": ["SEARCH entry USING INDEX entry_place (item=? AND seq=?)", DISCLOSURES],
    # In the order of the index, which is that of positions.
    "EVENT": ["SEARCH entry USING INDEX entry_place (item=?)", DISCLOSURES],
    "ERASE": ["SEARCH disclosure USING INTEGER PRIMARY KEY (rowid=?)"],
    "TILE": ["SEARCH tile USING INDEX sqlite_autoindex_tile_1 (level=? AND index=?)"],
    "TILE_ROOTS": [
        "SEARCH tile USING INDEX sqlite_autoindex_tile_1 (level=? AND index>? AND index<?)"
    ],
    "HEADS": ["SEARCH head USING INDEX sqlite_autoindex_head_1 (item=?)"],
    "ALL_HEADS": ["SCAN head USING INDEX sqlite_autoindex_head_1"],
    "FORGET_HEADS": [],  # emptied at once
    "FORGET_DECLARED": [],
    "ITEM_COUNT": ["SCAN head USING COVERING INDEX sqlite_autoindex_head_1"],
    "DECLARED_COUNT": ["SEARCH declared_item USING PRIMARY KEY (declaration=?)"],
    # A check of the whole table, as rare as a rebuild.
    "MISFILED": [
        "SCAN declared_item",
        "SEARCH head USING INDEX sqlite_autoindex_head_1 (item=?)",
        "SCAN declared_item",
        "USE TEMP B-TREE FOR GROUP BY",
        "SCAN head",
        "SEARCH filed USING AUTOMATIC COVERING INDEX (item=?)",
    ],
    "LATEST": [
        "SCAN head",
        "SCAN head",
        "SEARCH entry USING INDEX entry_place (item=? AND seq=?)",
        "SEARCH entry USING COVERING INDEX entry_place (item=?)",
    ],
    # The rowid is the size: in its order the newest come first.
    "NEWEST_CHECKPOINT": ["SCAN checkpoint"],
    "CHECKPOINT": ["SEARCH checkpoint USING INTEGER PRIMARY KEY (rowid=?)"],
    "SIGN": ["SEARCH checkpoint USING INTEGER PRIMARY KEY (rowid=?)"],
    "CHECKPOINTS": ["SEARCH checkpoint USING INTEGER PRIMARY KEY (rowid>?)"],
    "SIGNED_SIZES": ["SEARCH checkpoint USING INTEGER PRIMARY KEY (rowid<?)"],
    # Only the recursions are scanned, which have a row for each witness, or for each size found.
    "COSIGNATURES": [
        "SEARCH checkpoint USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH cosignature USING PRIMARY KEY (size=?)",
        "SCAN signer",
        "SEARCH cosignature USING PRIMARY KEY (size=? AND witness>?)",
        "SCAN signer",
        "SEARCH newest USING PRIMARY KEY (size=? AND witness=? AND time=?)",
        "SEARCH cosignature USING PRIMARY KEY (size=? AND witness=?)",
        "SEARCH cosignature USING PRIMARY KEY (size=? AND witness=? AND time=?)",
    ],
    "COSIGNED_SIZES": [
        "SEARCH cosignature USING PRIMARY KEY (size<?)",
        "SCAN cosigned",
        "SEARCH cosignature USING PRIMARY KEY (size<?)",
        "SCAN cosigned",
    ],
}

ITEM = "SEARCH head USING INDEX sqlite_autoindex_head_1 (item=?)"
FILTERS = {
    "declaration": "SEARCH declared_item USING PRIMARY KEY (declaration=? AND item>?)",
    "part_no": "SEARCH head USING INDEX head_part_no (part_no=? AND item>?)",
    "life": "SEARCH head USING INDEX head_life (life=? AND item>?)",
    "chain": "SEARCH head USING INDEX head_chain (chain=? AND item>?)",
    "id_part": "SEARCH head USING INDEX sqlite_autoindex_head_1 (item>?)",
    "": "SEARCH head USING INDEX sqlite_autoindex_head_1 (item>?)",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, query: str, values: Any) -> list[str]:
    """Returns the scans, searches and sorts of a query plan without the kinds of joins."""
    rows = connection.execute(f"EXPLAIN QUERY PLAN {query}", values)
    steps = [row[3].removesuffix(" LEFT-JOIN") for row in rows]
    return [step for step in steps if step.startswith(("SCAN", "SEARCH", "USE"))]


def stored_queries() -> dict[str, str]:
    return {
        name: value
        for name, value in vars(queries).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }


def test_every_query_of_the_store_has_its_plan_here() -> None:
    assert stored_queries().keys() == PLANS.keys()
    source = inspect.getsource(sqlite_store) + inspect.getsource(reading)
    assert not any(word in source for word in ("SELECT", "UPDATE ", "DELETE FROM"))


@pytest.mark.parametrize("name", PLANS)
def test_a_query_finds_its_rows_by_an_index(connection: sqlite3.Connection, name: str) -> None:
    query = stored_queries()[name].format(marks="?,?")
    assert plan(connection, query, [1] * query.count("?")) == PLANS[name]


@pytest.mark.parametrize("after", ["", "8004/1"])
@pytest.mark.parametrize(
    "names",
    [
        names
        for count in range(len(FILTERS))
        for names in itertools.combinations([name for name in FILTERS if name], count)
    ],
    ids=" ".join,
)
def test_a_search_reads_the_index_of_its_most_selective_filter_in_order(
    connection: sqlite3.Connection, names: tuple[str, ...], after: str
) -> None:
    given: dict[str, Any] = dict.fromkeys(names, "x")
    query, values = queries.make_search(Search(after=after, **given))
    narrowest = next((name for name in FILTERS if name in names), "")
    joined = [ITEM] if "declaration" in names else []
    assert plan(connection, query, values) == [FILTERS[narrowest], *joined]
