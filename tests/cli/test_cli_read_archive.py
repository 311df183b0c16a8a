"""Archives can be read like ledgers: customs look items up without the plant's database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.process import serving
from tests.cli.plant import BOOK, CORE, PASSPHRASE, UNIT, Plant
from tests.cli.test_cli_remote import Far

ENTRY_NO = "801220251000012345"
LIST_NO = "QD801225I000001234"
BOOK_NO = "H80122500001"


@pytest.fixture
def exported(busy_plant: Plant) -> Plant:
    """A plant with corrections and voids, and archives of it for customs and the public."""
    packed = busy_plant.json("show", UNIT)["event"]
    correct = ("event", "correct", UNIT, "--reason", "typing error", "--key", "station")
    busy_plant.run(*correct, "--set-public", '{"batch": "2025-05"}', "--target", packed)
    void = ("event", "void", UNIT, "--reason", "was right", "--key", "station")
    busy_plant.run(*void, "--target", busy_plant.json("show", UNIT)["event"])
    imported = busy_plant.json("history", CORE)["events"][0]["event"]
    correct = ("event", "correct", CORE, "--reason", "typing error", "--key", "import")
    busy_plant.run(*correct, "--set-public", '{"part_no": "RIGHT"}', "--target", imported)
    busy_plant.run("hold", CORE, "--authority", "quality", "--key", "lab")
    busy_plant.run("checkpoint")
    for name, reader in (("archive", "customs"), ("audit.zip", "customs"), ("public", "observer")):
        busy_plant.run("export", busy_plant.path(name), "--as", reader)
    return busy_plant


COMMANDS = [
    *(("show", item) for item in (UNIT, CORE, BOOK, "ledger", "party/plant")),
    ("lineage", UNIT),
    ("lineage", CORE),
    ("show", "--search", "C0000", "--limit", "5"),
    ("show", "--search", "C0000", "--after", "8004/9521234C000007"),
    ("show", "--chain", "declaration"),
    ("show", "--life", "PACKED"),
    ("show", "--part-no", "RIGHT"),
    ("show", "--number", ENTRY_NO),
    ("show", "--number", LIST_NO, "--chain", "core"),
    ("show", "--number", BOOK_NO),
    ("history", UNIT, "--as", "public"),
    ("history", CORE, "--as", "customs"),
    ("party", "list"),
]


@pytest.mark.parametrize("name", ["archive", "audit.zip"])
def test_archive_answers_as_the_ledger_does(exported: Plant, name: str) -> None:
    archive = ("--ledger", exported.path(name))
    for command in COMMANDS:
        found = exported.json(*command, *archive)
        assert found == exported.json(*command), command
    line = exported.json("show", CORE)["declaration"]
    by_line = ("show", "--declaration", line)
    assert exported.json(*by_line, *archive) == exported.json(*by_line)


def test_fields_that_an_archive_does_not_disclose_are_withheld(exported: Plant) -> None:
    public = ("history", CORE, "--ledger", exported.path("public"))
    (imported, *_) = exported.json(*public)["events"]
    assert imported["withheld"] == ["net_kg", "old_serial", "pallet", "unit_value"]
    customs = ("history", CORE, "--ledger", exported.path("archive"))
    assert exported.json(*customs)["events"][0]["withheld"] == ["old_serial", "pallet"]
    number = ("show", "--number", ENTRY_NO, "--ledger", exported.path("public"))
    assert exported.json(*number)["items"] == []


def test_reading_an_archive_says_that_it_is_not_verified(exported: Plant) -> None:
    shown = exported.run("show", UNIT, "--ledger", exported.path("archive"))
    assert f"traceledger verify {exported.path('archive')}" in shown.stderr


def test_archive_is_only_read(exported: Plant) -> None:
    archive = ("--ledger", exported.path("archive"))
    assert exported.refusal("checkpoint", *archive, code=10) == "store.none"
    database = ("export", "--sqlite", exported.path("x.sqlite"), "--as", "customs")
    refused = exported.run(*database, *archive, code=10).stderr
    assert "the folder of the ledger itself" in refused
    assert "init" not in refused


def test_damaged_archive_is_not_shown(exported: Plant) -> None:
    folder = Path(exported.path("archive"))
    bundle = next((folder / "tile" / "entries").glob("000.p/*"))
    whole = bundle.read_bytes()
    for place in range(0, len(whole), 1009):
        for change in (1, 0x80):
            data = bytearray(whole)
            data[place] ^= change
            bundle.write_bytes(data)
            exported.run("show", UNIT, "--ledger", str(folder), code=3)
    bundle.write_bytes(whole[:-1])
    exported.run("show", UNIT, "--ledger", str(folder), code=3)
    bundle.unlink()
    missing = ("show", UNIT, "--ledger", str(folder))
    assert exported.refusal(*missing, code=5) == "archive.missing"


def test_number_finds_the_lines_and_the_items_on_them(busy_plant: Plant) -> None:
    """Customs know the numbers on their documents, never the ledger's ids."""

    def found(number: str, *more: str) -> list[str]:
        items = busy_plant.json("show", "--number", number, "--limit", "1000", *more)["items"]
        return [row["item"] for row in items]

    cores = [row["item"] for row in busy_plant.json("show", "--chain", "core")["items"]]
    lines = [row["item"] for row in busy_plant.json("show", "--chain", "declaration")["items"]]
    assert found(ENTRY_NO) == sorted(cores + lines)
    assert found(LIST_NO, "--chain", "core") == cores
    assert found(BOOK_NO) == sorted([BOOK, *lines])
    assert found(ENTRY_NO[:-1]) == []
    first = found(ENTRY_NO)[0]
    assert found(ENTRY_NO, "--after", first) == found(ENTRY_NO)[1:]


def test_corrected_number_is_found_and_the_old_one_is_not(busy_plant: Plant) -> None:
    line = busy_plant.json("show", CORE)["declaration"]
    target = busy_plant.json("history", line)["events"][0]["event"]
    busy_plant.run(
        *("event", "correct", line, "--set-customs", '{"entry_no": "801220251000099999"}'),
        *("--reason", "typing error", "--target", target, "--key", "import"),
    )

    def found(number: str) -> set[str]:
        items = busy_plant.json("show", "--number", number, "--limit", "1000")["items"]
        return {row["item"] for row in items}

    assert {line, CORE} <= found("801220251000099999")
    assert {line, CORE}.isdisjoint(found(ENTRY_NO))


@pytest.fixture
def served(busy_plant: Plant) -> Iterator[Far]:
    with serving(busy_plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        yield Far(busy_plant.folder, process)


def test_server_answers_for_what_the_reader_may_see(served: Far) -> None:
    local = Plant(served.folder)
    token: dict[str, Any] = {"TRACELEDGER_TOKEN": served.token("import")}
    for command in (("show", "--number", ENTRY_NO, "--limit", "5"), ("lineage", UNIT)):
        found = json.loads(served.run(*command, "--json", **token).stdout)
        assert found == local.json(*command)
    nodes = served.json("lineage", UNIT)["nodes"]
    assert {node["item"] for node in nodes} == {UNIT, CORE}
    assert served.refusal("show", "--number", ENTRY_NO, code=6) == "access.needed"
    operator: dict[str, Any] = {"TRACELEDGER_TOKEN": served.token("station")}
    found = json.loads(served.run("show", "--number", ENTRY_NO, "--json", **operator).stdout)
    assert found["items"] == local.json("show", "--number", ENTRY_NO)["items"]
