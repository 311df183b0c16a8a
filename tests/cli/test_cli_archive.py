from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.plant import UNIT, Plant, cosign


def export(plant: Plant, name: str = "archive", reader: str = "customs", *more: str) -> str:
    plant.run("export", plant.path(name), "--as", reader, *more)
    return plant.path(name)


@pytest.fixture
def audited(watched: Plant) -> Plant:
    """The watched plant, with its archive for customs."""
    export(watched)
    return watched


def verifying(plant: Plant, *more: str, name: str = "archive") -> tuple[str, ...]:
    return ("verify", plant.path(name), "--trust", plant.path("trust.json"), *more)


def test_archive_is_verified_and_limits_of_a_log_are_stated(audited: Plant) -> None:
    text = audited.run(*verifying(audited)).stdout
    assert "VERIFIED   ledger.example/cq-1" in text
    assert "What was never entered." in text
    assert "compare with customs' own list of" in " ".join(text.split())
    found = audited.json(*verifying(audited))
    assert found["result"] == "verified"
    assert found["counts"]["undisclosed"] == 0


def test_zip_gives_the_same_verdict(audited: Plant) -> None:
    export(audited, "archive.zip")
    assert audited.json(*verifying(audited)) == audited.json(
        *verifying(audited, name="archive.zip")
    )


def publish_entries(plant: Plant) -> None:
    policy = ("set_policy", "policy", "--values", '{"public_entries": true}', "--key", "root")
    plant.event(*policy, "--keys", str(plant.ledger / "keys"))
    plant.run("checkpoint")


def test_archive_for_the_public_requires_public_entries(watched: Plant) -> None:
    """All entries together reveal a plant's business, so only its policy may publish them."""
    export = ("export", watched.path("open"), "--as", "public")
    assert watched.refusal(*export, code=6) == "archive.private"
    assert not Path(watched.path("open")).exists()
    publish_entries(watched)
    watched.run(*export)


@pytest.mark.parametrize("reader", ["observer", "public"])
def test_archive_for_others_contains_no_disclosures(reader: str, watched: Plant) -> None:
    if reader == "public":
        since = int(watched.json("checkpoint", "--dry-run")["size"])
        publish_entries(watched)
        cosign(watched, since=since)
    folder = Path(export(watched, reader, reader))
    assert not (folder / "disclosures").exists()
    found = watched.json(*verifying(watched, name=reader))
    assert (found["result"], found["undisclosed"]) == ("verified", [])
    assert found["counts"]["disclosures"] == 0
    assert "customs fields, which this archive does not disclose" in " ".join(
        watched.run(*verifying(watched, name=reader)).stdout.split()
    )


def test_export_requires_a_new_target_and_a_reader(audited: Plant) -> None:
    assert audited.refusal("export", audited.path("archive"), "--as", "customs", code=7)
    assert audited.refusal("export", audited.path("other"), code=2) == "usage.option"
    Path(audited.path("file.zip")).write_text("mine")
    taken = audited.refusal("export", audited.path("file.zip"), "--as", "customs", code=7)
    assert taken == "archive.exists"
    inside = audited.refusal("export", audited.path("file.zip/a"), "--as", "customs", code=7)
    assert inside == "archive.exists"


def test_damage_is_located_and_exits_with_3(audited: Plant) -> None:
    bundle = next(Path(audited.path("archive/tile/entries")).glob("000.p/*"))
    data = bytearray(bundle.read_bytes())
    data[500] ^= 1
    bundle.write_bytes(data)
    found = audited.json(*verifying(audited), code=3)
    assert (found["result"], found["codes"]) == ("refused", ["archive.bundle"])
    assert found["where"].startswith(f"tile/entries/000.p/{bundle.name}, entry 0, event ")
    text = audited.run(*verifying(audited), code=3).stdout
    assert "Do not rely on this archive" in text
    assert found["where"] in text


def test_trust_file_of_the_archive_is_first_use(watched: Plant) -> None:
    export(watched, "archive", "customs", "--trust", watched.path("trust.json"))
    own = ("verify", watched.path("archive"))
    for more in (("--first-use",), ("--trust", watched.path("archive/trust.json"))):
        found = watched.json(*own, *more, code=4)
        assert (found["result"], found["codes"]) == ("incomplete", ["trust.first-use"])
    assert watched.refusal(*own, code=5) == "trust.unknown"
    watched.run("trust", "add", watched.path("trust.json"))
    assert watched.json(*own)["result"] == "verified"


def test_verification_can_resume_from_its_scratch_file(audited: Plant) -> None:
    scratch = ("--scratch", audited.path("scratch"), "--workers", "1")
    first = audited.json(*verifying(audited, *scratch))
    assert Path(audited.path("scratch")).exists()
    assert audited.json(*verifying(audited, *scratch)) == first
    Path(audited.path("notes.txt")).write_text("mine")
    wrong = verifying(audited, "--scratch", audited.path("notes.txt"))
    assert audited.refusal(*wrong, code=2) == "archive.scratch"


def test_archive_must_extend_the_kept_checkpoint(audited: Plant) -> None:
    held = audited.path("archive/checkpoint")
    found = audited.json(*verifying(audited, "--at-least", held))
    assert (found["result"], found["at_least"]) == ("verified", found["size"])
    answer = audited.run(*verifying(audited, "--at-least", held))
    assert "extends the given checkpoint" in answer.stdout
    assert f"traceledger-bonded {version('traceledger-bonded')}, SHA-256" in answer.stderr
    audited.run("recall", UNIT, *RECALL)
    audited.run("checkpoint")
    export(audited, "newer")
    newer = ("--at-least", audited.path("newer/checkpoint"))
    assert audited.json(*verifying(audited, *newer), code=3)["codes"] == ["archive.older"]
    found = audited.json(*verifying(audited, "--at-least", held, name="newer"), code=4)
    assert found["codes"] == ["quorum.missing", "replay.missing"]


RECALL = (
    *("--campaign", "RC-1", "--criteria", "batch", "--severity", "high"),
    *("--action", "stop_use", "--yes", "--contact", "recall desk", "--key", "release"),
)


@pytest.mark.parametrize("damage", ["bom", "crlf", "cut off", "html"])
def test_damaged_kept_checkpoint_is_not_held_against_the_archive(
    audited: Plant, damage: str
) -> None:
    """An editor's byte order mark in the auditor's own file is not a fault of the ledger."""
    note = Path(audited.path("archive/checkpoint")).read_bytes()
    held = Path(audited.path("held"))
    held.write_bytes(
        {
            "bom": b"\xef\xbb\xbf" + note,
            "crlf": note.replace(b"\n", b"\r\n"),
            "cut off": note[:-20],
            "html": b"<!doctype html>",
        }[damage]
    )
    answer = audited.run(*verifying(audited, "--at-least", str(held)), code=2)
    assert str(held) in answer.stderr
    assert "REFUSED" not in answer.stdout


@pytest.mark.parametrize("damage", ["cut off", "encrypted"])
def test_zip_that_cannot_be_opened_is_not_refused_evidence(audited: Plant, damage: str) -> None:
    export(audited, "archive.zip")
    file = Path(audited.path("archive.zip"))
    data = bytearray(file.read_bytes())
    if damage == "cut off":
        del data[-200:]
    else:
        for place in range(len(data)):
            if data[place : place + 4] == b"PK\x01\x02":
                data[place + 8] |= 1  # bit 0 of the flags in the central directory
    file.write_bytes(data)
    expected = "file.format" if damage == "cut off" else "archive.file"
    assert audited.refusal(*verifying(audited, name="archive.zip"), code=2) == expected


def test_fork_is_proven_from_two_archives_or_a_checkpoint(audited: Plant, tmp_path: Path) -> None:
    shutil.copytree(audited.folder, tmp_path / "other")
    other = Plant(tmp_path / "other")
    for plant, reason in ((audited, "one"), (other, "two")):
        plant.run("recall", UNIT, *RECALL[:-4], "--contact", reason, "--key", "release")
        plant.run("checkpoint")
        export(plant, "new")
    trust = ("--trust", audited.path("trust.json"))
    checkpoint = audited.path("new/checkpoint")
    for evidence in (audited.path("new"), checkpoint):
        found = audited.json("verify", "--fork", evidence, other.path("new"), *trust, code=3)
        assert found["result"] == "fork"
        assert len(set(found["roots"])) == 2
    text = audited.run("verify", "--fork", checkpoint, other.path("new"), *trust, code=3).stdout
    assert "signed two histories" in text
    held = verifying(other, "--at-least", checkpoint, name="new")
    assert other.json(*held, code=3)["codes"] == ["archive.fork"]
    same = ("verify", "--fork", audited.path("archive"), audited.path("new"), *trust)
    assert audited.refusal(*same, code=2) == "archive.no-fork"


def test_fork_that_cannot_be_determined_is_incomplete(audited: Plant) -> None:
    """Without the archive of the larger tree, nothing says that the histories are consistent."""
    audited.run("recall", UNIT, *RECALL)
    audited.run("checkpoint")
    export(audited, "newer")
    trust = ("--trust", audited.path("trust.json"))
    pair = (audited.path("archive"), audited.path("newer/checkpoint"))
    found = audited.json("verify", "--fork", *pair, *trust, code=4)
    assert (found["result"], found["codes"]) == ("incomplete", ["archive.not-compared"])
    text = audited.run("verify", "--fork", *pair, *trust, code=4).stdout
    assert "No action is needed" not in text
    assert "archive of the larger tree" in text


@pytest.mark.parametrize(
    "more",
    [
        ("--item", UNIT),
        ("--fork", "a", "b"),
        ("--workers", "0"),
    ],
)
def test_unsuitable_options_are_refused(more: tuple[str, ...], audited: Plant) -> None:
    assert audited.refusal(*verifying(audited, *more), code=2) == "usage.option"


def test_options_for_archives_are_refused_for_passports(watched: Plant) -> None:
    passport = ("verify", watched.path("passport.json"), "--item", UNIT)
    for more in (("--workers", "2"), ("--scratch", "s"), ("--at-least", "a")):
        assert watched.refusal(*passport, *more, code=2) == "usage.option"
    assert watched.refusal("verify", code=2) == "usage.option"


def test_missing_path_is_refused(watched: Plant) -> None:
    trust = ("--trust", watched.path("trust.json"))
    assert watched.refusal("verify", watched.path("no"), *trust, "--item", UNIT, code=5)
