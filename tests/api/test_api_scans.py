from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.site import NOW, Site
from traceledger_api.scans import ScanCounter

UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(tmp_path: Path, clock: Clock) -> Iterator[ScanCounter]:
    counter = ScanCounter(tmp_path / "scans.db", clock)
    yield counter
    counter.close()


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


def test_nothing_of_the_visitor_is_kept(tmp_path: Path, counter: ScanCounter) -> None:
    counter.count(UNIT, "EXPORTED", "203.0.113.77")
    counter.close()
    for file in tmp_path.iterdir():
        assert b"203.0.113.77" not in file.read_bytes()
    again = ScanCounter(tmp_path / "scans.db", Clock())
    assert again.read(UNIT).total == 1
    again.close()


def test_opening_a_units_address_counts_and_looking_by_token_does_not(busy_site: Site) -> None:
    unit = next(e.payload.sub for e in busy_site.world.events if e.kind_name == "export")
    before = busy_site.json(f"items/{unit}/scans")["count"]
    busy_site.get(f"/{unit}", "operator")
    busy_site.get(f"/{unit}?linkType=linkset")
    busy_site.get(f"items/{unit}")
    assert busy_site.json(f"items/{unit}/scans")["count"] == before
    busy_site.get(f"/{unit}")
    busy_site.get(f"/{unit}")
    assert busy_site.json(f"items/{unit}/scans") == {
        "count": before + 1,
        "first": "2025-06-16",
        "warnings": [],
    }
