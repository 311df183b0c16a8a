from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.api.site import URL, Clock, Site, running
from tests.world import World
from traceledger.errors import StorageError
from traceledger_api.pages.buyer.answer import BuyerPages
from traceledger_api.replies import PASSPORT
from traceledger_api.scans import ScanCounter, is_outside

NAVIGATION = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "user-agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "none",
}
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"


@pytest.fixture
def counter(tmp_path: Path, clock: Clock) -> Iterator[ScanCounter]:
    counter = ScanCounter(tmp_path / "scans.db", clock)
    yield counter
    counter.close()


def test_addresses_of_one_ipv6_network_are_one_visitor(counter: ScanCounter) -> None:
    for address in ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:db8:0:7::3"):
        counter.count(UNIT, "PACKED", address)
    assert counter.read(UNIT).total == 1
    assert counter.read(UNIT, "2001:db8:0:7::9").total == 0
    counter.count(UNIT, "PACKED", "2001:db8:0:8::1")
    counter.count(UNIT, "PACKED", "203.0.113.7")
    counter.count(UNIT, "PACKED", "::ffff:203.0.113.7")
    assert counter.read(UNIT).total == 3


def test_count_alone_never_warns(counter: ScanCounter) -> None:
    for number in range(5000):
        counter.count(UNIT, "EXPORTED", f"visitor {number}")
    found = counter.read(UNIT)
    assert (found.total, found.warnings) == (5000, ())


def test_the_same_visitor_counts_once_an_hour(counter: ScanCounter, clock: Clock) -> None:
    for _ in range(100):
        counter.count(UNIT, "EXPORTED", "one")
    assert counter.read(UNIT).total == 1
    clock.now += 3600
    counter.count(UNIT, "EXPORTED", "one")
    assert counter.read(UNIT).total == 2


@pytest.mark.parametrize(
    ("life", "warnings"),
    [
        ("PACKED", ("before_export",)),
        ("ASSEMBLED", ("before_export",)),
        ("SCRAPPED", ("after_scrap",)),
        ("REIMPORTED", ("after_scrap",)),
        ("EXPORTED", ()),
        ("CLAIMED", ()),
        ("DIVERTED", ()),
    ],
)
def test_warnings_come_from_rules(
    counter: ScanCounter, life: str, warnings: tuple[str, ...]
) -> None:
    counter.count(UNIT, life, "one")
    assert counter.read(UNIT).warnings == warnings


def test_no_visitor_data_is_stored(tmp_path: Path, counter: ScanCounter) -> None:
    counter.count(UNIT, "EXPORTED", "203.0.113.77")
    counter.close()
    for file in tmp_path.iterdir():
        assert b"203.0.113.77" not in file.read_bytes()
    again = ScanCounter(tmp_path / "scans.db", Clock())
    assert again.read(UNIT).total == 1
    again.close()


FIRST = """
CREATE TABLE scan (
    item TEXT NOT NULL, day TEXT NOT NULL, life TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (item, day, life)
) STRICT, WITHOUT ROWID;
"""


def test_counts_of_a_file_without_a_version_survive(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "scans.db"
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.executescript(f"PRAGMA journal_mode = WAL;{FIRST}")
        file.execute("INSERT INTO scan VALUES (?, '2025-01-02', 'PACKED', 41)", (UNIT,))
        file.commit()
    for total in (41, 42):
        counter = ScanCounter(path, clock)
        assert counter.read(UNIT) == (total, date(2025, 1, 2), ("before_export",))
        counter.count(UNIT, "EXPORTED", "one")
        counter.close()
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)


def test_counts_of_a_newer_version_are_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "scans.db"
    ScanCounter(path, clock).close()
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="version 2") as caught:
        ScanCounter(path, clock)
    assert caught.value.code == "store.version"
    assert path.read_bytes() == before


@pytest.mark.parametrize("existing", [False, True])
def test_counts_are_readable_by_their_owner_only(
    tmp_path: Path,
    clock: Clock,
    existing: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Other users of the machine must not learn when a plant's units were scanned."""
    path = tmp_path / "scans.db"
    if existing:
        path.touch(mode=0o644)
    counter = ScanCounter(path, clock)
    counter.count(UNIT, "EXPORTED", "first")
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    counter.close()


def test_visitors_own_visit_is_not_shown_to_them(counter: ScanCounter) -> None:
    counter.count(UNIT, "PACKED", "one")
    assert counter.read(UNIT, "one") == (0, None, ())
    assert counter.read(UNIT, "two").warnings == ("before_export",)
    counter.count(UNIT, "PACKED", "two")
    assert counter.read(UNIT, "one").total == 1
    assert counter.read(UNIT, "one").warnings == ("before_export",)


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("203.0.113.77", True),
        ("2001:db8::7", True),
        ("::ffff:203.0.113.77", True),
        ("172.32.0.1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("10.2.3.4", False),
        ("172.31.255.255", False),
        ("192.168.1.20", False),
        ("fd00::7", False),
        ("fe80::1%eth0", False),
        ("100.64.0.1", False),
        ("100.127.255.254", False),
        ("100.128.0.1", True),
        ("", False),
        ("testclient", False),
    ],
)
def test_only_outside_addresses_belong_to_strangers(address: str, *, outside: bool) -> None:
    assert is_outside(address) == outside


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose clients are elsewhere."""
    world = World()
    for state in ("PACKED", "EXPORTED"):
        world.unit(state)
    folder = tmp_path_factory.mktemp("visited") / "ledger"
    pages = BuyerPages(URL)
    with running(folder, world, pages=pages, client="203.0.113.77") as site:
        yield site


def find(site: Site, state: str) -> str:
    found: str = site.json(f"items?state={state}", "operator")["items"][0]["item"]
    return found


def test_opening_a_units_address_counts_and_reading_with_a_token_does_not(visited: Site) -> None:
    unit = find(visited, "EXPORTED")
    visited.get(f"/{unit}", "operator", headers=NAVIGATION)
    visited.get(f"/{unit}?linkType=linkset", headers=NAVIGATION)
    visited.get(f"items/{unit}", headers=NAVIGATION)
    assert visited.json(f"items/{unit}/scans")["count"] == 0
    visited.get(f"/{unit}", headers=NAVIGATION)
    visited.get(f"/{unit}", headers=NAVIGATION)
    counted = {"count": 1, "first": "2025-06-16", "warnings": []}
    assert visited.json(f"items/{unit}/scans") == counted


def test_first_visitor_of_a_packed_part_sees_no_warning(visited: Site) -> None:
    unit = find(visited, "PACKED")
    for _ in range(2):
        assert '"warnings":[]' in visited.get(f"/{unit}", headers=NAVIGATION).text
    assert visited.json(f"items/{unit}/scans")["warnings"] == ["before_export"]
    visited.context.scans.count(unit, "PACKED", "another visitor")
    assert '"warnings":["before_export"]' in visited.get(f"/{unit}", headers=NAVIGATION).text


def test_visits_from_the_plant_do_not_count(busy_site: Site) -> None:
    unit = find(busy_site, "PACKED")
    busy_site.get(f"/{unit}", headers=NAVIGATION)
    assert busy_site.json(f"items/{unit}/scans") == {"count": 0, "first": None, "warnings": []}


PHONE = NAVIGATION["user-agent"]
NO_VISITS = {
    "prefetch": {"sec-purpose": "prefetch"},
    "prerender": {"sec-purpose": "prefetch;prerender"},
    "old prefetch": {"purpose": "prefetch"},
    "Firefox prefetch": {"x-moz": "prefetch"},
    "script": {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    "frame": {"sec-fetch-dest": "iframe"},
    "WhatsApp": {"user-agent": "WhatsApp/2.24.10 A", "sec-fetch-mode": "", "sec-fetch-dest": ""},
    # Previews in WeChat and scanners of mail servers pretend to be phones and desktops.
    "WeChat": {
        "user-agent": f"{PHONE} MicroMessenger/8.0.49",
        "sec-fetch-mode": "",
        "sec-fetch-dest": "",
    },
    "mail scanner": {"sec-fetch-mode": "", "sec-fetch-dest": ""},
    "crawler": {"user-agent": f"{PHONE} (compatible; Googlebot/2.1)"},
    "headless": {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0"},
    "program": {"user-agent": "python-requests/2.32", "sec-fetch-mode": "", "sec-fetch-dest": ""},
}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A server of a unit that nobody has visited, whose clients are elsewhere."""
    world = World()
    unit = world.unit("PACKED")
    folder = tmp_path_factory.mktemp("packed") / "ledger"
    with running(folder, world, pages=BuyerPages(URL), client="203.0.113.77") as site:
        yield site, unit


@pytest.mark.parametrize("program", NO_VISITS)
def test_what_no_person_opened_is_not_a_visit(packed: tuple[Site, str], program: str) -> None:
    """A preview or scan of a message about a packed unit must not warn of a copied label."""
    site, unit = packed
    headers = {**NAVIGATION, **NO_VISITS[program]}
    sent = {name: value for name, value in headers.items() if value}
    assert site.get(f"/{unit}", headers=sent).status_code == 200
    assert site.json(f"items/{unit}/scans") == {"count": 0, "first": None, "warnings": []}


def test_head_is_not_a_visit(packed: tuple[Site, str]) -> None:
    site, unit = packed
    assert site.client.request("HEAD", f"/{unit}", headers=NAVIGATION).status_code == 200
    assert site.json(f"items/{unit}/scans")["count"] == 0


def test_data_of_a_unit_is_not_a_visit(packed: tuple[Site, str]) -> None:
    site, unit = packed
    for media in ("application/json", PASSPORT):
        assert site.get(f"/{unit}", headers={**NAVIGATION, "accept": media}).status_code == 200
    assert site.json(f"items/{unit}/scans")["count"] == 0
