from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.client.served import LostError, Served, read_all
from tests.forging import Files, Forger, audit, sign
from tests.passports import LOG
from tests.world import World
from traceledger.client.mirror_folder import MirrorFolder
from traceledger.errors import (
    BusyError,
    ConflictError,
    NotAllowedError,
    TraceledgerError,
    VerificationError,
)
from traceledger.files.lock import lock_writer
from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import MAX_SIGNATURES, SignatureLine, format_signatures, parse_note
from traceledger.verify.archive.growth import prove_fork
from traceledger.verify.archive.source import FolderSource


class Growth:
    """One log at three sizes: within a bundle, beyond a bundle, within the next bundle."""

    def __init__(self) -> None:
        world = World()
        log = Forger(world)
        self.trust = log.trust()
        self.sizes: list[int] = []
        self.files: list[Files] = []
        for events in (60, 280, 300):
            while len(world.wires) < events:
                world.core("ACCEPTED")
                log.follow()
                if len(log.notes) < len(world.wires) // 60:
                    log.publish()
            self.sizes.append(log.publish())
            self.files.append(log.files())


@pytest.fixture(scope="module")
def growth() -> Growth:
    return Growth()


@pytest.fixture(scope="module")
def other() -> Files:
    """Another history that the same log signed, larger than the first checkpoint of `growth`."""
    world = World()
    log = Forger(world)
    while len(world.wires) < 100:
        world.core("RECEIVED")
        log.follow()
    log.publish()
    return log.files()


def refusal(served: Served, folder: Path, growth: Growth) -> TraceledgerError:
    with pytest.raises(TraceledgerError) as caught:
        served.mirror(folder, growth.trust)
    return caught.value


def test_mirror_is_the_archive_and_grows_with_the_log(growth: Growth, tmp_path: Path) -> None:
    old = 0
    for size, files in zip(growth.sizes, growth.files, strict=True):
        mirrored = Served(files).mirror(tmp_path, growth.trust)
        assert (mirrored.old, mirrored.size, mirrored.disclosed) == (old, size, True)
        assert read_all(tmp_path) == files
        assert audit(read_all(tmp_path), growth.trust).result == "verified"
        old = size


def test_only_what_is_missing_is_fetched(growth: Growth, tmp_path: Path) -> None:
    Served(growth.files[1]).mirror(tmp_path, growth.trust)
    served = Served(growth.files[2])
    served.mirror(tmp_path, growth.trust)
    assert not {"tile/entries/000", "disclosures/000", "checkpoints/000"} & set(served.seen)
    again = Served(growth.files[2])
    again.mirror(tmp_path, growth.trust)
    assert not [path for path in again.seen if path.startswith(("tile/entries", "disclosures"))]


def test_mirror_that_was_killed_at_any_request_continues(growth: Growth, tmp_path: Path) -> None:
    """Until the last moment it is the archive of its old checkpoint; then that of the new one."""
    start = tmp_path / "start"
    Served(growth.files[0]).mirror(start, growth.trust)
    complete = Served(growth.files[1])
    complete.mirror(shutil.copytree(start, tmp_path / "whole"), growth.trust)
    for requests in range(len(complete.seen)):
        folder = shutil.copytree(start, tmp_path / f"killed-{requests}")
        served = Served(growth.files[1])
        served.left = requests
        with pytest.raises(LostError):
            served.mirror(folder, growth.trust)
        left = read_all(folder)
        assert left[CHECKPOINT] == growth.files[0][CHECKPOINT]
        assert growth.files[0].items() <= left.items()
        Served(growth.files[2]).mirror(folder, growth.trust)
        assert growth.files[2].items() <= read_all(folder).items()


def test_first_run_that_was_killed_is_no_archive_and_continues(
    growth: Growth, tmp_path: Path
) -> None:
    served = Served(growth.files[1])
    served.left = 8
    with pytest.raises(LostError):
        served.mirror(tmp_path, growth.trust)
    assert CHECKPOINT not in read_all(tmp_path)
    Served(growth.files[1]).mirror(tmp_path, growth.trust)
    assert read_all(tmp_path) == growth.files[1]


@pytest.mark.parametrize("held", [0, 1], ids=["larger fork", "smaller fork"])
def test_fork_is_refused_with_evidence_that_proves_it(
    growth: Growth, other: Files, held: int, tmp_path: Path
) -> None:
    """Nothing is overwritten, and the evidence convinces anybody who has the log's key."""
    Served(growth.files[held]).mirror(tmp_path, growth.trust)
    error = refusal(Served(other), tmp_path, growth)
    assert isinstance(error, VerificationError)
    assert error.code == "mirror.fork"
    evidence = Path(error.where)
    assert evidence.parent == tmp_path / "evidence"
    shutil.move(evidence, tmp_path.with_name("evidence-of-fork"))
    (tmp_path / "evidence").rmdir()
    assert read_all(tmp_path) == growth.files[held]
    shown = FolderSource(tmp_path.with_name("evidence-of-fork"))
    proven = prove_fork(FolderSource(tmp_path), shown, growth.trust)
    assert proven.roots[0] != proven.roots[1]
    shutil.rmtree(tmp_path.with_name("evidence-of-fork"))


def test_second_tree_of_the_same_size_is_a_fork(growth: Growth, tmp_path: Path) -> None:
    Served(growth.files[0]).mirror(tmp_path, growth.trust)
    origin = growth.trust.origin
    note = sign_checkpoint(Checkpoint(origin, growth.sizes[0], bytes(32)), [LOG])
    error = refusal(Served({**growth.files[0], CHECKPOINT: note}), tmp_path, growth)
    assert error.code == "mirror.fork"
    assert (Path(error.where) / CHECKPOINT).read_bytes() == note


def test_published_checkpoint_that_contradicts_the_tree_is_a_fork(
    growth: Growth, tmp_path: Path
) -> None:
    Served(growth.files[0]).mirror(tmp_path, growth.trust)
    size = growth.sizes[1]
    files = dict(growth.files[2])
    files[f"checkpoints/{size}"] = sign_checkpoint(
        Checkpoint(growth.trust.origin, size, bytes(32)), [LOG]
    )
    assert refusal(Served(files), tmp_path, growth).code == "mirror.fork"
    assert read_all(tmp_path)[CHECKPOINT] == growth.files[0][CHECKPOINT]


def test_note_listed_under_another_size_is_no_fork(growth: Growth, tmp_path: Path) -> None:
    """A host could otherwise accuse an honest log, whose evidence would prove nothing."""
    small, large = growth.sizes[0], growth.sizes[1]
    files = dict(growth.files[1])
    files[f"checkpoints/{small}"] = files[f"checkpoints/{large}"]
    assert refusal(Served(files), tmp_path, growth).code == "remote.answer"
    assert not (tmp_path / "evidence").exists()


def test_list_that_omits_a_checkpoint_spoils_no_mirror(growth: Growth, tmp_path: Path) -> None:
    """A mirror that is complete never asks for it again, and its verification would fail."""
    files = dict(growth.files[1])
    del files[f"checkpoints/{growth.sizes[0]}"]
    error = refusal(Served(files), tmp_path, growth)
    assert (error.code, str(growth.sizes[0]) in error.message) == ("remote.answer", True)
    Served(growth.files[1]).mirror(tmp_path, growth.trust)
    assert audit(read_all(tmp_path), growth.trust).result == "verified"


def test_fork_is_reported_if_its_evidence_cannot_be_kept(
    growth: Growth, other: Files, tmp_path: Path
) -> None:
    Served(growth.files[0]).mirror(tmp_path, growth.trust)
    (tmp_path / "evidence").write_bytes(b"")  # no folder can be created here, as on a full disk
    error = refusal(Served(other), tmp_path, growth)
    assert error.code == "mirror.fork"
    assert "not kept" in error.where


def test_log_that_shrank_is_refused(growth: Growth, tmp_path: Path) -> None:
    Served(growth.files[2]).mirror(tmp_path, growth.trust)
    error = refusal(Served(growth.files[0]), tmp_path, growth)
    assert error.code == "mirror.shrunk"
    assert (Path(error.where) / CHECKPOINT).read_bytes() == growth.files[0][CHECKPOINT]
    assert growth.files[2].items() <= read_all(tmp_path).items()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (CHECKPOINT, "note.signature"),
        ("tile/1/000.p/1", "mirror.tile"),
        ("tile/entries/000", "mirror.bundle"),
        ("disclosures/000", "archive.disclosures"),
    ],
)
def test_damaged_answer_is_refused_and_not_kept(
    growth: Growth, path: str, code: str, tmp_path: Path
) -> None:
    served = Served(growth.files[1])
    served.change = lambda at, data: _flip(data) if at == path else data
    assert refusal(served, tmp_path, growth).code == code
    assert not (tmp_path / path).exists()
    Served(growth.files[1]).mirror(tmp_path, growth.trust)
    assert read_all(tmp_path) == growth.files[1]


def test_disclosures_of_other_events_are_refused_and_not_kept(
    growth: Growth, tmp_path: Path
) -> None:
    """Nothing fetches them again, so one wrong answer would spoil the archive for good."""
    path, files = "disclosures/000", growth.files[1]
    lines = files[path].splitlines(keepends=True)
    shown = [number for number, line in enumerate(lines) if line.strip()]
    lines[shown[0]], lines[shown[1]] = lines[shown[1]], lines[shown[0]]
    wrong = b"".join(lines)
    served = Served(files)
    served.change = lambda at, data: wrong if at == path else data
    error = refusal(served, tmp_path, growth)
    assert (error.code, error.where) == ("mirror.disclosures", path)
    assert not (tmp_path / path).exists()
    (tmp_path / "disclosures").mkdir(exist_ok=True)
    (tmp_path / path).write_bytes(wrong)  # of an interrupted run
    error = refusal(Served(files), tmp_path, growth)
    assert (error.code, error.where) == ("mirror.file", str(tmp_path / path))
    (tmp_path / path).unlink()
    Served(files).mirror(tmp_path, growth.trust)
    assert read_all(tmp_path) == files


def _flip(data: bytes) -> bytes:
    if data.endswith(b"~\n"):
        return data[:-1]
    at = -40 if data.endswith(b"\n") else -1
    return data[:at] + bytes([data[at] ^ 1]) + data[at:][1:]


def test_file_of_an_interrupted_run_is_compared_with_the_tree(
    growth: Growth, tmp_path: Path
) -> None:
    """What no checkpoint covers yet may be the remains of a fork, or of a damaged disk."""
    Served(growth.files[0]).mirror(tmp_path, growth.trust)
    (tmp_path / "tile/entries/000").write_bytes(_flip(growth.files[1]["tile/entries/000"]))
    error = refusal(Served(growth.files[1]), tmp_path, growth)
    assert (error.code, error.where) == ("mirror.file", str(tmp_path / "tile/entries/000"))


def test_mirror_that_was_half_copied_is_completed(growth: Growth, tmp_path: Path) -> None:
    Served(growth.files[2]).mirror(tmp_path, growth.trust)
    for path in ("tile/0/000", "tile/entries/000", "disclosures/000", "tile/1/000.p/1"):
        (tmp_path / path).unlink()
    with pytest.raises(VerificationError, match=r"archive\.missing"):
        audit(read_all(tmp_path), growth.trust)
    Served(growth.files[2]).mirror(tmp_path, growth.trust)
    assert read_all(tmp_path) == growth.files[2]


def test_reader_of_public_fields_receives_no_disclosures(growth: Growth, tmp_path: Path) -> None:
    served = Served(growth.files[1])
    served.customs = False
    assert not served.mirror(tmp_path, growth.trust).disclosed
    assert not (tmp_path / "disclosures").exists()
    assert audit(read_all(tmp_path), growth.trust).result == "verified"
    assert Served(growth.files[1]).mirror(tmp_path, growth.trust).disclosed
    assert read_all(tmp_path) == growth.files[1]
    served = Served(growth.files[2])
    served.customs = False
    assert isinstance(refusal(served, tmp_path, growth), NotAllowedError)


def test_later_cosignatures_are_added_and_none_is_lost(growth: Growth, tmp_path: Path) -> None:
    """A server that loses a witness's line must not take it from the mirror."""
    whole = growth.files[0][CHECKPOINT]
    signed = whole.splitlines(keepends=True)
    fewer = b"".join(signed[:-1])
    folder, known = MirrorFolder(tmp_path), growth.trust.policy.signers
    assert folder.add_note(60, fewer, known) == fewer
    assert folder.add_note(60, whole, known) == whole
    assert folder.add_note(60, fewer, known) == whole


def test_earlier_cosignatures_replace_no_later_ones(growth: Growth, tmp_path: Path) -> None:
    """A passport or an archive is as of its cosignatures: an older server made a mirror older."""
    folder, known = MirrorFolder(tmp_path), growth.trust.policy.signers
    early, late = (sign(60, bytes(32), (time, time)) for time in (1_000, 2_000))
    mixed = sign(60, bytes(32), (1_000, 2_000))
    assert folder.add_note(60, mixed, known) == mixed
    assert folder.add_note(60, early, known) == mixed
    assert folder.add_note(60, late, known) == late


def test_lines_of_strangers_spoil_no_mirror(growth: Growth, tmp_path: Path) -> None:
    """A server that showed ever new ones made the mirror's own checkpoint too long to read."""
    served = Served(dict(growth.files[0]))
    whole = served.files[CHECKPOINT]
    missing = MAX_SIGNATURES - len(parse_note(whole).signatures)
    served.mirror(tmp_path, growth.trust)
    for turn in range(3):
        strangers = [
            SignatureLine(f"stranger-{turn}.example/{number}", bytes(4), bytes(68))
            for number in range(missing)
        ]
        served.files[CHECKPOINT] = whole + format_signatures(strangers)
        served.mirror(tmp_path, growth.trust)
    kept = (tmp_path / CHECKPOINT).read_bytes()
    assert kept.startswith(whole)
    assert len(parse_note(kept).signatures) == MAX_SIGNATURES
    assert audit(read_all(tmp_path), growth.trust).result == "verified"


@pytest.mark.parametrize("name", ["traceledger.toml", "checkpoint", "photo.jpg"])
def test_folder_with_other_files_is_refused(growth: Growth, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"mine")
    error = refusal(Served(growth.files[0]), tmp_path, growth)
    assert isinstance(error, ConflictError)
    assert error.code == "archive.exists"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_two_processes_never_extend_the_same_mirror(growth: Growth, tmp_path: Path) -> None:
    Served(growth.files[0]).mirror(tmp_path, growth.trust)
    with lock_writer(MirrorFolder(tmp_path).lock):
        assert isinstance(refusal(Served(growth.files[1]), tmp_path, growth), BusyError)


@pytest.mark.parametrize("page", [{"checkpoints": [], "next": 0}, {"checkpoints": 1}, []])
def test_list_of_checkpoints_that_makes_no_sense_is_refused(
    growth: Growth, page: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served(growth.files[0])
    monkeypatch.setattr(served, "_page", lambda _query: page)
    assert refusal(served, tmp_path, growth).code == "remote.answer"


@pytest.mark.parametrize("kind", ["empty", "repeated"])
def test_list_of_checkpoints_without_an_end_is_given_up(
    growth: Growth, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server could otherwise keep a mirror busy for ever."""
    served, asked = Served(growth.files[2]), list[dict[str, str]]()
    first = served._page({"after": "0"})

    def page(query: dict[str, str]) -> object:
        asked.append(query)
        empty = {"checkpoints": [], "next": int(query["after"]) + 1}
        return empty if kind == "empty" else first

    monkeypatch.setattr(served, "_page", page)
    assert refusal(served, tmp_path, growth).code == "remote.answer"
    assert len(asked) <= 2
