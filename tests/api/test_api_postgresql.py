"""Several servers of one ledger in one PostgreSQL database, on one machine or on several."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.api.site import Site, make_home, problem_of, serving
from tests.ledger.bench import LOG
from tests.postgresql import Server
from tests.storage.test_storage_postgresql_trouble import connections_of, require_standby
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


def test_events_that_no_standby_has_are_not_acknowledged_when_they_are_sent_again(
    sites: Sites, postgresql: Server
) -> None:
    """After a cancelled wait everybody reads them, until the server that has them is lost."""
    site = sites[0]
    for _ in range(2):
        site.world.core()
    wires = site.world.wires[site.fed :]
    require_standby(postgresql, "ghost")
    done = threading.Event()
    cancelling = threading.Thread(target=cancel_waits, args=(postgresql, done))
    cancelling.start()
    try:
        for _ in range(2):
            for one in sites:
                assert problem_of(one.post(wires)) == (503, "store.unconfirmed")
    finally:
        done.set()
        cancelling.join()
        require_standby(postgresql, "")
    assert site.post(wires).json() == sites[1].post(wires).json()


def test_a_database_that_stands_still_for_a_strangers_event_stops_no_other_request(
    tmp_path: Path, address: str, postgresql: Server
) -> None:
    """Whether the ledger has the stranger's key is looked up before anything is verified."""
    world = World()
    stranger = World(seed=9, origin=ORIGIN)
    stranger.add_key("stranger", "plant", ["operator"])
    wire = stranger.sign("clean", stranger.core("ACCEPTED"), by="stranger")
    home = make_home(tmp_path / "ledger", world, address)
    with serving(home, world) as site, psycopg.connect(address) as blocking:
        blocking.execute("LOCK TABLE traceledger.head")
        answers: list[tuple[int, str]] = []
        posting = threading.Thread(target=lambda: answers.append(problem_of(site.post([wire]))))
        posting.start()
        while not connections_of(postgresql, blocking.info.dbname, "relation"):
            threading.Event().wait(0.01)
        assert site.get("/healthz").status_code == 200
        assert not answers
        blocking.rollback()
        posting.join()
        assert answers == [(403, "key.unknown")]


def cancel_waits(postgresql: Server, done: threading.Event) -> None:
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    while not done.wait(0.05):
        postgresql.execute(cancel)
