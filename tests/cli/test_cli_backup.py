from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.plant import UNIT, Plant


def newest(plant: Plant) -> str:
    """Copies the newest checkpoint, as others may have kept it."""
    number = len(list(plant.folder.glob("checkpoint-*")))
    copy = plant.folder / f"checkpoint-{number}"
    shutil.copy(plant.ledger / "checkpoint", copy)
    return str(copy)


def use(plant: Plant, name: str) -> Plant:
    """Replaces the plant's ledger with another folder."""
    shutil.rmtree(plant.ledger)
    (plant.folder / name).rename(plant.ledger)
    return plant


def add(plant: Plant) -> None:
    plant.run("hold", "--where", "life=PACKED", "--authority", "quality", "--key", "lab")
    plant.run("checkpoint")


def test_restored_back_up_signs_after_the_comparison(busy_plant: Plant) -> None:
    size = busy_plant.json("checkpoint")["size"]
    assert busy_plant.json("backup", busy_plant.path("saved"))["size"] == size
    note = newest(busy_plant)
    busy_plant.run("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    again = use(busy_plant, "again")
    again.run("show", "ledger")
    assert again.refusal("checkpoint", code=9) == "ledger.restored"
    assert again.json("restore", again.ledger, "--newest", note)["compared"] == size
    add(again)
    assert again.refusal("restore", again.ledger, "--newest", note, code=2) == "backup.confirmed"


def test_older_back_up_signs_nothing_even_if_used_without_restore(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    old = newest(busy_plant)
    add(busy_plant)
    new = newest(busy_plant)
    busy_plant.run("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    for name in ("saved", "again"):
        plant = use(busy_plant, name)
        compare = ("restore", plant.ledger, "--newest", old, "--newest", new)
        assert plant.refusal(*compare, code=9) == "ledger.behind"
        assert plant.refusal("checkpoint", code=9) == "ledger.restored"


def test_back_up_proven_behind_is_not_freed_by_an_older_checkpoint(busy_plant: Plant) -> None:
    """Freed by an older checkpoint after a newer one, the ledger would sign a second history."""
    busy_plant.run("backup", busy_plant.path("saved"))
    old = newest(busy_plant)
    add(busy_plant)
    new = newest(busy_plant)
    busy_plant.run("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    again = ("restore", busy_plant.path("again"), "--newest")
    assert busy_plant.refusal(*again, new, code=9) == "ledger.behind"
    assert busy_plant.refusal(*again, old, code=9) == "ledger.behind"
    busy_plant.run("backup", busy_plant.path("twice"), "--ledger", busy_plant.path("again"))
    busy_plant.run("restore", busy_plant.path("third"), "--from", busy_plant.path("twice"))
    third = ("restore", busy_plant.path("third"), "--newest", old)
    assert busy_plant.refusal(*third, code=9) == "ledger.behind"


def test_comparison_while_restoring_is_remembered_too(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    old = newest(busy_plant)
    add(busy_plant)
    restore = ("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    done = busy_plant.run(*restore, "--newest", newest(busy_plant), code=9)
    assert "ledger.behind" in done.stderr
    again = ("restore", busy_plant.path("again"), "--newest", old)
    assert busy_plant.refusal(*again, code=9) == "ledger.behind"


@pytest.mark.parametrize("place", ["saved", "again"])
def test_checkpoint_inside_a_back_up_is_no_evidence(busy_plant: Plant, place: str) -> None:
    """The copy in a back-up is as old as the back-up, whatever was published since."""
    busy_plant.run("backup", busy_plant.path("saved"))
    busy_plant.run("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    note = busy_plant.folder / place / "checkpoint"
    shutil.copy(newest(busy_plant), note)
    again = ("restore", busy_plant.path("again"), "--newest")
    assert busy_plant.refusal(*again, str(note), code=2) == "backup.evidence"
    link = busy_plant.folder / "link"
    link.symlink_to(note)
    assert busy_plant.refusal(*again, str(link), code=2) == "backup.evidence"
    busy_plant.run(*again, newest(busy_plant))


def test_older_database_copied_over_a_newer_one_is_detected(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    add(busy_plant)
    shutil.copy(busy_plant.path("saved/ledger.db"), busy_plant.ledger / "ledger.db")
    assert busy_plant.refusal("checkpoint", code=9) == "ledger.behind"
    assert "ledger.behind" in busy_plant.run("doctor", code=9).stdout


def test_older_database_in_place_is_compared_with_the_checkpoint_beside_it(
    busy_plant: Plant,
) -> None:
    """The steps for a physical back-up of a database: put it back, mark the folder, compare."""
    busy_plant.run("backup", busy_plant.path("saved"))
    old = newest(busy_plant)
    add(busy_plant)
    database = busy_plant.ledger / "ledger.db"
    shutil.copy(database, busy_plant.path("newest.db"))
    shutil.copy(busy_plant.path("saved/ledger.db"), database)
    (busy_plant.ledger / "restored").touch()
    compare = ("restore", busy_plant.ledger, "--newest")
    assert busy_plant.refusal(*compare, old, code=9) == "ledger.behind"
    shutil.copytree(busy_plant.ledger, busy_plant.path("second"))
    (busy_plant.ledger / "checkpoint").unlink()
    assert busy_plant.refusal(*compare, old, code=9) == "ledger.behind"
    shutil.rmtree(busy_plant.ledger / "contradiction")
    another = busy_plant.path("second/checkpoint")  # of another machine, which is marked too
    assert busy_plant.refusal(*compare, another, code=9) == "ledger.behind"
    assert busy_plant.refusal("checkpoint", code=9) == "ledger.restored"
    shutil.copy(busy_plant.path("newest.db"), database)
    busy_plant.run(*compare, old)
    add(busy_plant)


def test_back_up_is_restored_and_compared_in_one_command(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    restore = ("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    busy_plant.run(*restore, "--newest", newest(busy_plant))
    add(use(busy_plant, "again"))


@pytest.mark.parametrize("holder", ["buyer", "witness"])
def test_checkpoint_may_come_from_a_passport_or_a_request(busy_plant: Plant, holder: str) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    add(busy_plant)
    if holder == "buyer":
        note = busy_plant.path("passport.json")
        busy_plant.run("passport", UNIT, "-o", note)
    else:
        busy_plant.run("witness", "request", busy_plant.path("request"))
        note = busy_plant.path("request/add-checkpoint")
    busy_plant.run("backup", busy_plant.path("newer"))
    for name in ("saved", "newer"):
        busy_plant.run("restore", busy_plant.path(f"from-{name}"), "--from", busy_plant.path(name))
    older, newer = (("restore", busy_plant.path(f"from-{name}")) for name in ("saved", "newer"))
    assert busy_plant.refusal(*older, "--newest", note, code=9) == "ledger.behind"
    busy_plant.run(*newer, "--newest", note)


def test_dry_runs_write_nothing(busy_plant: Plant) -> None:
    saved, again = busy_plant.path("saved"), busy_plant.path("again")
    assert busy_plant.json("backup", saved, "--dry-run")["size"] > 1
    assert not Path(saved).exists()
    busy_plant.run("backup", saved)
    assert busy_plant.refusal("backup", saved, "--dry-run", code=7) == "backup.exists"
    note = newest(busy_plant)
    found = busy_plant.json("restore", again, "--from", saved, "--newest", note, "--dry-run")
    assert found["compared"] > 1
    assert not Path(again).exists()
    busy_plant.run("restore", again, "--from", saved)
    refused = ("restore", again, "--from", saved, "--dry-run")
    assert busy_plant.refusal(*refused, code=7) == "store.exists"
    busy_plant.run("restore", again, "--newest", note, "--dry-run")
    assert use(busy_plant, "again").refusal("checkpoint", code=9) == "ledger.restored"


def test_existing_folders_are_never_overwritten(busy_plant: Plant) -> None:
    saved = busy_plant.path("saved")
    busy_plant.run("backup", saved)
    assert busy_plant.refusal("backup", saved, code=7) == "backup.exists"
    into = ("restore", busy_plant.ledger, "--from", saved)
    assert busy_plant.refusal(*into, code=7) == "store.exists"


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_failed_copy_leaves_nothing_that_refuses_a_retry(busy_plant: Plant, command: str) -> None:
    source, target = busy_plant.ledger, busy_plant.path("copy")
    run: tuple[str, ...] = ("backup", target)
    if command == "restore":
        busy_plant.run("backup", busy_plant.path("saved"))
        source = busy_plant.folder / "saved"
        run = ("restore", target, "--from", str(source))
    (source / "keys" / "x.pem").symlink_to("x.pem")  # is copied after the database
    assert busy_plant.refusal(*run, code=9) == "file.read"
    assert not Path(target).exists()
    (source / "keys" / "x.pem").unlink()
    busy_plant.run(*run)


@pytest.mark.parametrize("missing", ["ledger.db", "traceledger.toml"])
def test_incomplete_back_up_is_not_restored(busy_plant: Plant, missing: str) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    (busy_plant.folder / "saved" / missing).unlink()
    restore = ("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    assert busy_plant.refusal(*restore, code=5) == "backup.missing"


def test_restore_without_options_is_refused(busy_plant: Plant) -> None:
    assert busy_plant.refusal("restore", busy_plant.path("again"), code=2) == "usage.option"


def test_checkpoint_of_another_ledger_confirms_nothing(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    restore = ("restore", busy_plant.path("again"), "--from", busy_plant.path("saved"))
    busy_plant.run(*restore)
    note = Path(newest(busy_plant))
    note.write_bytes(note.read_bytes().replace(b"cq-1", b"cq-2"))
    free = ("restore", busy_plant.path("again"), "--newest", str(note))
    assert busy_plant.refusal(*free, code=3) == "note.signature"
    assert use(busy_plant, "again").refusal("checkpoint", code=9) == "ledger.restored"


def test_keys_in_a_back_up_are_readable_by_their_owner_only(busy_plant: Plant) -> None:
    busy_plant.run("backup", busy_plant.path("saved"))
    keys = busy_plant.folder / "saved" / "keys"
    assert sorted(file.name for file in keys.iterdir()) == [
        "log.jwk",
        "log.pem",
        "root.jwk",
        "root.pem",
    ]
    for file in (keys / "log.pem", keys / "root.pem", keys, keys.parent / "ledger.db", keys.parent):
        assert file.stat().st_mode & 0o077 == 0
