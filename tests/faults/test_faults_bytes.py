from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults.promises import opened
from tests.faults.workload import PASSPHRASE, WITNESS, Plant
from tests.ledger.bench import LOG, clock, dump
from traceledger.errors import TraceledgerError
from traceledger.formats.cosignature import CosignatureVerifier
from traceledger.formats.note import open_note
from traceledger.ledger.keeping.doctor import examine
from traceledger.ledger.keeping.home import DATABASE, Home
from traceledger.ledger.keeping.rebuild import rebuild

PAGE = 4096
CUSTOMS = CosignatureVerifier("customs.example/w1", WITNESS.key)
TREES = (
    "sqlite_schema",
    "entry",
    "entry_place",
    "disclosure",
    "tile",
    "sqlite_autoindex_tile_1",
    "checkpoint",
    "cosignature",
    "head",
    "sqlite_autoindex_head_1",
    "head_chain",
    "head_life",
    "head_part_no",
    "declared_item",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A ledger on disk, the next request to it, and the root that it then signs."""

    folder: Path
    data: bytes
    pages: dict[str, list[int]]
    content: list[str]
    wires: list[bytes]
    root: bytes


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A ledger with full tiles, cosigned, and with events that wait for the next checkpoint."""
    folder = tmp_path_factory.mktemp("sample")
    plant = Plant(folder)
    plant.found()
    with plant.writing() as ledger:
        ledger.append(plant.world.wires)
        for count in (260, 20):
            ledger.append(plant.sign(ledger, count))
            plant.home.publish(ledger)
        plant.cosign(ledger, 0)
        ledger.append(plant.sign(ledger, 3))
    with plant.writing() as ledger:  # on a ledger that was closed, so that all is in one file
        wires = plant.sign(ledger, 2)
    path = plant.home.path / DATABASE
    with contextlib.closing(sqlite3.connect(path)) as connection:
        pages: dict[str, list[int]] = {}
        for name, number in connection.execute("SELECT name, pageno FROM dbstat"):
            pages.setdefault(name, []).append(number)
    data, content = path.read_bytes(), dump(path)
    with plant.writing() as ledger:
        ledger.append(wires)
        root = opened(plant.home.publish(ledger)).root
    path.write_bytes(data)
    plant.home.published.unlink()
    return Sample(plant.home.path, data, pages, content, wires, root)


def go_on(home: Home, sample: Sample) -> bool:
    """Appends and publishes; whether damage was noticed. What is signed must be right."""
    try:
        with contextlib.closing(home.write(clock, PASSPHRASE)) as ledger:
            ledger.append(sample.wires)
            note = home.publish(ledger)
    except TraceledgerError:
        return True
    assert opened(note).root == sample.root, "a wrong root was signed"
    return False


def find_damage(home: Home) -> bool:
    """Whether `traceledger doctor`, `traceledger rebuild` or a reader's own check finds it."""
    if not all(one.well for one in examine(home, clock) if one.name != "disk space"):
        return True
    try:
        with contextlib.closing(home.read(clock)) as ledger:
            # Only whoever has the witness's key can tell that a cosignature is false.
            opened = open_note(ledger.checkpoint(), [LOG.verifier, CUSTOMS])
            return len(opened.signatures) < 2 or bool(rebuild(ledger).differing)
    except TraceledgerError:
        return True


def same_content(home: Home, sample: Sample) -> bool:
    """Whether the database holds the same, its indexes included."""
    path = home.path / DATABASE
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return whole and dump(path) == sample.content
    except (sqlite3.Error, UnicodeDecodeError, TypeError):
        return False


def judge(sample: Sample, place: Path, offset: int, bit: int) -> str:
    """Flips one bit of the database; `noticed` at once, `found` by a check, or `harmless`."""
    shutil.copytree(sample.folder, place)
    try:
        data = bytearray(sample.data)
        data[offset] ^= 1 << bit
        (place / DATABASE).write_bytes(data)
        home = Home.open(place)
        if same_content(home, sample):
            go_on(home, sample)
            return "harmless"
        found = find_damage(home)
        (place / DATABASE).write_bytes(data)
        noticed = go_on(home, sample)
        assert found or noticed, f"nobody noticed bit {bit} of byte {offset}"
        return "noticed" if noticed else "found"
    finally:
        shutil.rmtree(place)


def flip_many(sample: Sample, folder: Path, tree: str, flips: int) -> Counter[str]:
    chance = random.Random(f"{tree} {flips}")
    verdicts: Counter[str] = Counter()
    for _ in range(flips):
        start = (chance.choice(sample.pages[tree]) - 1) * PAGE
        used = [at for at in range(start, start + PAGE) if sample.data[at]]
        offset = chance.choice(used)  # most of what is zero means nothing
        verdicts[judge(sample, folder / "flipped", offset, chance.randrange(8))] += 1
    return verdicts


def report(counts: Counts, verdicts: Counter[str]) -> None:
    counts(
        "one bit flipped in every table and index",
        flips=verdicts.total(),
        noticed_at_once=verdicts["noticed"],
        found_by_a_check=verdicts["found"],
        harmless=verdicts["harmless"],
        unnoticed=0,
    )


def test_every_table_and_index_is_damaged_in_these_tests(sample: Sample) -> None:
    assert set(TREES) == sample.pages.keys()


@pytest.mark.parametrize("tree", TREES)
def test_a_flipped_bit_is_noticed_or_harmless_and_nothing_wrong_is_signed(
    sample: Sample, fast_folder: Path, counts: Counts, tree: str
) -> None:
    report(counts, flip_many(sample, fast_folder, tree, 12))


@pytest.mark.faults
@pytest.mark.parametrize("tree", TREES)
def test_flipped_bits_by_the_hundred_are_noticed_or_harmless(
    sample: Sample, fast_folder: Path, counts: Counts, tree: str
) -> None:
    report(counts, flip_many(sample, fast_folder, tree, 400))
