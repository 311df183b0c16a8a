from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.cli.plant import CORE, Plant, importing, rewrite_manifest, write_manifest

Rows = list[list[str]]


def cores(plant: Plant) -> int:
    return len(plant.json("show", "--chain", "core", "--limit", "10000")["items"])


def column(rows: Rows, heading: str) -> int:
    return rows[0].index(heading)


def test_manifest_and_declaration_are_imported_once(plant: Plant) -> None:
    write_manifest(plant, 40)
    first = plant.json(*importing(plant))
    assert (first["declared"], first["imported"], first["present"]) == (6, 40, 0)
    again = plant.json(*importing(plant))
    assert (again["declared"], again["imported"], again["present"]) == (0, 0, 40)
    assert cores(plant) == 40


def test_voided_line_is_declared_again(plant: Plant) -> None:
    write_manifest(plant, 1)
    plant.run(*importing(plant))
    used = plant.json("show", CORE)["declaration"]
    lines = [row["item"] for row in plant.json("show", "--chain", "declaration")["items"]]
    line = next(item for item in lines if item != used)
    target = ("--target", plant.json("show", line)["event"])
    plant.event("void", line, *target, "--reason", "typing error", "--key", "import")
    again = plant.json(*importing(plant))
    assert (again["declared"], again["imported"], again["present"]) == (1, 0, 1)
    last = plant.json(*importing(plant))
    assert (last["declared"], last["imported"], last["present"]) == (0, 0, 1)


def test_longer_manifest_adds_only_what_is_missing(plant: Plant) -> None:
    write_manifest(plant, 10)
    plant.run(*importing(plant))
    write_manifest(plant, 25)
    again = plant.json(*importing(plant))
    assert (again["imported"], again["present"]) == (15, 10)


def test_more_cores_than_the_declaration_of_the_same_command_are_warned_of(plant: Plant) -> None:
    write_manifest(plant, 12)
    declared = plant.folder / "declaration.csv"
    declared.write_text(declared.read_text(encoding="utf-8").replace(",300,007,", ",2,007,", 1))
    (warning,) = plant.json(*importing(plant, "--dry-run"))["warnings"]
    assert warning["code"] == "audit.quantity"
    assert " declares 2, 4 pieces are recorded on it" in warning["message"]
    assert "[audit.quantity]" in plant.run(*importing(plant, "--dry-run")).stderr


def test_dry_run_reports_what_would_be_imported(plant: Plant) -> None:
    write_manifest(plant, 10)
    size = plant.entries()
    checked = plant.json(*importing(plant, "--dry-run"))
    assert (checked["declared"], checked["imported"], checked["dry_run"]) == (6, 10, True)
    assert plant.entries() == size


def test_invalid_number_in_row_731_is_reported_and_nothing_is_written(plant: Plant) -> None:
    rows = write_manifest(plant, 1080)
    rows[730][column(rows, "net_kg")] = "0,942"
    rewrite_manifest(plant, rows)
    size = plant.entries()
    error = plant.json(*importing(plant), code=2)["error"]
    assert error["code"] == "manifest.rows"
    (fault,) = error["faults"]
    assert (fault["row"], fault["column"], fault["given"]) == (731, "net_kg", "'0,942'")
    assert "row 731, net_kg" in plant.run(*importing(plant), code=2).stderr
    assert plant.entries() == size


def _duplicate(rows: Rows) -> None:
    rows[9][column(rows, "core")] = rows[3][column(rows, "core")]


def _unknown_line(rows: Rows) -> None:
    rows[5][column(rows, "entry_line")] = "77"


def _not_a_number(rows: Rows) -> None:
    rows[5][column(rows, "unit_value")] = "NaN"


def _exponent(rows: Rows) -> None:
    rows[5][column(rows, "net_kg")] = "1e3"


def _negative(rows: Rows) -> None:
    rows[5][column(rows, "net_kg")] = "-0.9"


def _control(rows: Rows) -> None:
    rows[5][column(rows, "make")] = "G\x07M"


def _country(rows: Rows) -> None:
    rows[5][column(rows, "origin")] = "XYZ"


def _currency(rows: Rows) -> None:
    rows[5][column(rows, "currency")] = "BTC"


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (_duplicate, {4, 10}),
        *(
            (spoil, {6})
            for spoil in (
                *(_unknown_line, _not_a_number, _exponent, _negative),
                *(_control, _country, _currency),
            )
        ),
    ],
)
def test_invalid_row_is_reported_and_partial_imports_the_others(
    plant: Plant, spoil: Callable[[Rows], None], wrong: set[int]
) -> None:
    rows = write_manifest(plant, 20)
    spoil(rows)
    rewrite_manifest(plant, rows)
    error = plant.json(*importing(plant), code=2)["error"]
    assert {fault["row"] for fault in error["faults"]} == wrong
    assert cores(plant) == 0
    done = plant.json(*importing(plant, "--partial"))
    assert {fault["row"] for fault in done["faults"]} == wrong
    assert done["imported"] == cores(plant) == 20 - len(wrong)


def test_core_already_present_with_another_weight_is_refused(plant: Plant) -> None:
    rows = write_manifest(plant, 5)
    plant.run(*importing(plant))
    rows[2][column(rows, "net_kg")] = "0.5"
    rewrite_manifest(plant, rows)
    (fault,) = plant.json(*importing(plant), code=2)["error"]["faults"]
    assert (fault["row"], fault["code"]) == (3, "manifest.present")


def test_manifest_without_its_declaration_is_refused(plant: Plant) -> None:
    write_manifest(plant, 3)
    importing_alone = importing(plant)[:6]
    assert plant.refusal(*importing_alone, code=2) == "manifest.rows"


def test_declaration_without_its_receipt_is_refused(plant: Plant) -> None:
    write_manifest(plant, 3)
    assert plant.refusal(*importing(plant)[:8], code=2) == "usage.option"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"core\n", b'"core\n'])
def test_file_that_is_not_a_manifest_is_refused(plant: Plant, data: bytes) -> None:
    write_manifest(plant, 3)
    (plant.folder / "manifest.csv").write_bytes(data)
    assert plant.refusal(*importing(plant), code=2).startswith("manifest.")


def kill_import(plant: Plant, started: Callable[[], bool], delay: float) -> None:
    """Kills an import shortly after it has started."""
    process = plant.spawn(*importing(plant))
    while process.poll() is None and not started():
        time.sleep(0.001)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def check_consistent(plant: Plant, total: int) -> None:
    """Asserts that the ledger is consistent after the kill, and that a rerun adds the rest."""
    before = cores(plant)
    assert plant.json("rebuild", "--dry-run")["differing"] == []
    done = plant.json(*importing(plant))
    assert (done["present"], done["imported"]) == (before, total - before)
    assert cores(plant) == total
    plant.run("checkpoint")


def test_killed_import_is_consistent_and_a_rerun_completes_it(plant: Plant) -> None:
    write_manifest(plant, 1080)
    log = plant.ledger / "ledger.db-wal"
    kill_import(plant, lambda: log.exists() and log.stat().st_size > 0, 0.02)
    check_consistent(plant, 1080)


@pytest.mark.faults
@pytest.mark.parametrize("moment", range(40))
def test_import_killed_at_any_moment_is_consistent(plant: Plant, moment: int) -> None:
    write_manifest(plant, 1080)
    kill_import(plant, plant.is_locked, moment * 0.02)
    check_consistent(plant, 1080)
