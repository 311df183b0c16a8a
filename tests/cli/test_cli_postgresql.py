"""The commands on a ledger whose events are in a PostgreSQL database."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.plant import CORE, UNIT, Plant, found_plant, make_unit, watch
from tests.object_store import ObjectStore, serving_bucket
from tests.postgresql import Server, programs
from traceledger.storage.postgresql import tools as saving

HIDDEN = "correct-horse"  # a password


@pytest.fixture
def database(postgresql: Server) -> str:
    return postgresql.new_database()


@pytest.fixture
def plant(tmp_path: Path, postgresql: Server, database: str) -> Plant:
    return found_plant(tmp_path, "--store", postgresql.address(database))


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own programs are on PATH."""
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")


def second_folder(plant: Plant, name: str) -> Plant:
    """A second machine's folder: settings and keys, and the same database."""
    other = Plant(plant.folder / name)
    shutil.copytree(plant.ledger, other.ledger)
    shutil.copytree(plant.folder / "keys", other.folder / "keys")
    shutil.copy(plant.folder / "passphrase", other.folder)
    return other


@pytest.mark.usefixtures("tools")
def test_a_ledger_in_a_database_is_used_published_saved_and_restored(
    plant: Plant, postgresql: Server, object_store: ObjectStore
) -> None:
    make_unit(plant)
    watch(plant)
    trust = ("--trust", plant.path("trust.json"))
    assert not list(plant.ledger.glob("*.db"))
    plant.run("doctor")
    assert plant.json("rebuild", "--dry-run")["differing"] == []
    plant.run("verify", plant.path("passport.json"), "--item", UNIT, *trust)
    plant.run("export", plant.path("archive"), "--as", "customs", *trust)
    plant.run("verify", plant.path("archive"), *trust)
    plant.run("publish", "s3://copies/ledger", "--private-target", *trust)
    with serving_bucket(object_store, "ledger") as address:
        plant.run("mirror", address, plant.path("mirror"), *trust)
    plant.run("verify", plant.path("mirror"), *trust)

    size = plant.entries()
    with contextlib.closing(sqlite3.connect(plant.ledger / "samples.db")) as samples:
        samples.execute("CREATE TABLE sample (seed TEXT)")
    assert plant.json("backup", plant.path("saved"))["size"] == size
    assert sorted(path.name for path in (plant.folder / "saved").iterdir()) == [
        *("checkpoint", "keys", "ledger.dump", "restored", "samples.db", "traceledger.toml")
    ]
    restored = Plant(plant.folder / "again")
    (restored.folder).mkdir()
    shutil.copy(plant.folder / "passphrase", restored.folder)
    source = ("--from", plant.path("saved"))
    assert plant.refusal("restore", restored.ledger, *source, code=7) == "store.exists"
    options = (*source, "--store", postgresql.address(postgresql.new_database()))
    restored.run("restore", restored.ledger, *options, "--dry-run")
    assert not restored.ledger.exists()
    restored.run("restore", restored.ledger, *options)
    assert restored.entries() == size
    assert (restored.ledger / "samples.db").is_file()
    assert restored.refusal("checkpoint", code=9) == "ledger.restored"
    restored.run("restore", restored.ledger, "--newest", plant.ledger / "checkpoint")
    restored.run("checkpoint")
    restored.run("doctor")


def test_a_ledger_in_a_file_moves_to_a_database(tmp_path: Path, postgresql: Server) -> None:
    plant = found_plant(tmp_path)
    make_unit(plant)
    plant.run("checkpoint")
    plant.run("backup", plant.path("saved"))
    moved = Plant(plant.folder / "moved")
    moved.folder.mkdir()
    shutil.copy(plant.folder / "passphrase", moved.folder)
    address = postgresql.address(postgresql.new_database())
    options = ("--from", plant.path("saved"), "--store", address)
    moved.run("restore", moved.ledger, *options, "--dry-run")
    assert not moved.ledger.exists()
    moved.run("restore", moved.ledger, *options)
    assert not (moved.ledger / "ledger.db").exists()
    assert moved.entries() == plant.entries()
    assert moved.refusal("checkpoint", code=9) == "ledger.restored"
    moved.run("restore", moved.ledger, "--newest", plant.ledger / "checkpoint")
    moved.run("checkpoint")
    moved.run("doctor")
    assert moved.json("rebuild", "--dry-run")["differing"] == []
    again = ("restore", plant.path("again"), *options)
    assert plant.refusal(*again, code=7) == "store.exists"


def test_a_backup_of_an_earlier_version_moves_to_a_database(
    tmp_path: Path, postgresql: Server, database: str
) -> None:
    """A plant updates, and then moves from its last back-up."""
    plant = found_plant(tmp_path)
    plant.run("backup", plant.path("saved"))
    earlier = Path(__file__).parent.parent / "data" / "ledger-v1" / "ledger.db.gz"
    (plant.folder / "saved" / "ledger.db").write_bytes(gzip.decompress(earlier.read_bytes()))
    options = ("--from", plant.path("saved"), "--store", postgresql.address(database))
    plant.run("restore", plant.path("moved"), *options)
    assert sorted(path.name for path in (plant.folder / "moved").iterdir()) == [
        *("checkpoint", "keys", "restored", "traceledger.toml")
    ]
    ((size,),) = postgresql.execute("SELECT size FROM traceledger.log_end", database)
    assert size == 254


def test_a_ledger_that_could_not_move_leaves_nothing_in_the_database(
    tmp_path: Path, postgresql: Server, database: str
) -> None:
    plant = found_plant(tmp_path)
    plant.run("backup", plant.path("saved"))
    saved = plant.folder / "saved" / "ledger.db"
    with contextlib.closing(sqlite3.connect(saved)) as connection, connection:
        find = "SELECT sql FROM sqlite_master WHERE name = 'entry_no_update'"
        ((trigger,),) = connection.execute(find)
        connection.execute("DROP TRIGGER entry_no_update")
        connection.execute('UPDATE entry SET leaf = zeroblob(32) WHERE "index" = 1')
        connection.execute(trigger)
    options = ("--from", plant.path("saved"), "--store", postgresql.address(database))
    assert plant.refusal("restore", plant.path("moved"), *options, code=9) == "ledger.damaged"
    assert not (plant.folder / "moved").exists()
    assert postgresql.execute("SELECT to_regnamespace('traceledger')", database) == [(None,)]


@pytest.mark.usefixtures("tools")
def test_a_backup_is_private_and_names_no_role(
    plant: Plant, postgresql: Server, database: str
) -> None:
    """It has the fields of customs, and is loaded where this one's readers are unknown."""
    saved = plant.folder / "saved"
    saved.mkdir(mode=0o755)
    postgresql.execute("CREATE ROLE passing", database)
    postgresql.execute("GRANT USAGE ON SCHEMA traceledger TO passing", database)
    plant.run("backup", saved)
    assert (saved / "ledger.dump").stat().st_mode & 0o777 == 0o600
    postgresql.execute("DROP OWNED BY passing", database)
    postgresql.execute("DROP ROLE passing", database)
    target = postgresql.address(postgresql.new_database())
    plant.run("restore", plant.path("again"), "--from", saved, "--store", target)


def test_several_machines_write_to_one_database(plant: Plant) -> None:
    other = second_folder(plant, "other")
    make_unit(other)
    plant.event(
        "receive", CORE[:-1] + "2", "--result", "ok", "--condition", "x", "--key", "station"
    )
    other.run("checkpoint")
    assert plant.entries() == other.entries()
    plant.run("doctor")


def test_a_user_who_may_only_read_can_examine_the_ledger(
    plant: Plant, postgresql: Server, database: str
) -> None:
    plant.run("checkpoint")
    for right in (
        "CREATE ROLE auditor LOGIN",
        "GRANT USAGE ON SCHEMA traceledger TO auditor",
        "GRANT SELECT ON ALL TABLES IN SCHEMA traceledger TO auditor",
    ):
        postgresql.execute(right, database)
    settings = plant.ledger / "traceledger.toml"
    settings.write_text(settings.read_text().replace("owner@", "auditor@"))
    found = plant.json("doctor")
    assert found["well"], found
    change = "ALTER TABLE traceledger.tile DISABLE TRIGGER tile_no_change"
    postgresql.execute(change, database)
    found = plant.json("doctor", code=9)
    assert [one["name"] for one in found["findings"] if not one["well"]] == ["database file"]


def test_a_backup_without_the_tools_of_the_server_leaves_no_backup(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that is not installed, nor one that is older than the server."""
    monkeypatch.setattr(saving, "_DEBIAN", plant.folder)
    monkeypatch.setenv("PATH", str(plant.folder))
    error = plant.json("backup", plant.path("first"), code=9)["error"]
    assert (error["code"], error["message"]) == ("backup.tools", "pg_dump is not installed")
    old = plant.folder / "pg_dump"
    old.write_text("#!/bin/sh\necho 'aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    error = plant.json("backup", plant.path("second"), code=9)["error"]
    assert (error["code"], "version mismatch" in error["message"]) == ("backup.tools", True)
    for name in ("first", "second"):
        refused = ("restore", plant.path("again"), "--from", plant.path(name))
        assert plant.refusal(*refused, code=5) == "backup.missing"


def test_a_ledger_that_could_not_be_founded_leaves_nothing_in_the_database(
    tmp_path: Path, postgresql: Server, database: str
) -> None:
    plant = Plant(tmp_path)
    (tmp_path / "passphrase").write_text("correct horse\n")
    command = (
        *("init", plant.ledger, "--origin", "ledger.example/cq-1", "--url", "https://id.example"),
        *("--store", postgresql.address(database)),
    )
    plant.run(*command, "--name", "x" * 10_000, code=2)
    plant.run(*command, "--name", "A ledger", "--dry-run")
    plant.run(*command, "--name", "A ledger")
    shutil.rmtree(plant.ledger)
    for more in ((), ("--dry-run",)):
        assert plant.refusal(*command, "--name", "A ledger", *more, code=7) == "store.exists"


@pytest.mark.parametrize(
    ("address", "code", "exit_code"),
    [
        (f"postgresql://owner:{HIDDEN}@127.0.0.1/x", "store.password", 2),
        (f"postgresql://owner:{HIDDEN}@[127.0.0.1/x", "store.url", 2),
        (f"mysql://owner:{HIDDEN}@127.0.0.1/x", "store.url", 2),
        ("postgresql://owner@127.0.0.1:1/x", "store.connect", 9),
    ],
)
def test_a_refused_address_is_not_quoted(
    tmp_path: Path, address: str, code: str, exit_code: int
) -> None:
    plant = Plant(tmp_path)
    (tmp_path / "passphrase").write_text("correct horse\n")
    command = (
        *("init", plant.ledger, "--origin", "ledger.example/cq-1", "--url", "https://id.example"),
        *("--name", "A ledger", "--store", address),
    )
    assert plant.refusal(*command, code=exit_code) == code
    assert HIDDEN not in plant.run(*command, code=exit_code).output
    assert not plant.ledger.exists()
