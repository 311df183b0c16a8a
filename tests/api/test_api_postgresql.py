"""Several servers of one ledger in one PostgreSQL database, on one machine or on several."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.api.site import Site, make_home, serving
from tests.ledger.bench import LOG
from tests.postgresql import Server
from tests.world import ORIGIN, World
from traceledger.formats.receipt import open_receipt
from traceledger.storage.postgresql import PostgresStore

Sites = tuple[Site, Site]


@pytest.fixture
def address(postgresql: Server) -> str:
    return postgresql.address(postgresql.new_database())


@pytest.fixture(params=["one folder", "two folders"])
def sites(tmp_path: Path, address: str, request: pytest.FixtureRequest) -> Iterator[Sites]:
    world = World()
    home = other = make_home(tmp_path / "first", world, address)
    if request.param == "two folders":
        other = replace(home, path=tmp_path / "second")
        shutil.copytree(home.path, other.path)
    with serving(home, world) as first, serving(other, world) as second:
        yield first, second


def test_both_write_one_log_and_each_learns_what_the_other_published(sites: Sites) -> None:
    first, second = sites
    for number, site in enumerate((first, second, second, first)):
        site.fed = len(site.world.wires)
        core = site.world.core("ACCEPTED")
        answer = site.feed()
        other = sites[1 - sites.index(site)]
        size = max(entry["index"] for entry in answer.json()["events"]) + 1
        while other.context.service.published.size < size:
            threading.Event().wait(0.01)
        history = other.json(f"items/{core}/history", by="customs")
        assert len(history["events"]) == 3, number
        event = history["events"][0]["event"]
        assert other.get(f"events/{event}", by="customs").status_code == 200


def test_concurrent_requests_to_both_are_all_logged_once(sites: Sites, address: str) -> None:
    world = sites[0].world
    start = len(world.wires)
    for _ in range(40):
        world.core()
    wires = world.wires[start:]
    places: dict[bytes, set[int]] = {wire: set() for wire in wires}

    def post(site: Site, wanted: list[bytes]) -> None:
        for wire in wanted:
            answer = site.post([wire])
            assert answer.status_code == 200, answer.text
            opened = open_receipt(answer.json()["receipt"].encode(), ORIGIN, [LOG.verifier])
            places[wire].update(leaf.index for leaf in opened.leaves)

    threads = [
        threading.Thread(target=post, args=(site, order))
        for site in sites
        for order in (wires, wires[::-1])  # each event is sent four times
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(found) for found in places.values()} == {1}
    store = PostgresStore(address, write=False)
    logged = [entry for entry in store.read_entries(start, store.size()) if entry.item]
    assert {entry.leaf_index for entry in logged} == {index for (index,) in places.values()}
    assert store.check() == []
    store.close()
