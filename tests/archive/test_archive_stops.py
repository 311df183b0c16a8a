"""Stopping and going on, in one process or several."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.archive import long_run
from tests.forging import Files, Forger, MemorySource, audit, counting_late, write_folder
from tests.passports import NOW
from tests.world import World
from traceledger.errors import StorageError, TraceledgerError, UsageError, VerificationError
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive import workers
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.archive.workers import check_all


class Stopped(BaseException):
    """Somebody stops the run."""


def stop_after(bundles: int) -> Callable[[int, int], None]:
    left = [bundles]

    def told(_done: int, _all: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise Stopped

    return told


def run_until(files: Files, trust: TrustFile, scratch: Path, bundles: int) -> None:
    with pytest.raises(Stopped):
        audit(files, trust, scratch=scratch, on_progress=stop_after(bundles))


@pytest.fixture(scope="session")
def verdict(files: Files, trust: TrustFile) -> ArchiveVerdict:
    return audit(files, trust)


# Going on


@pytest.mark.parametrize("bundles", [1, 2, 3])
def test_stopped_run_goes_on_to_the_same_verdict(
    bundles: int, files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    run_until(files, trust, scratch, bundles)
    seen: list[int] = []
    found = audit(files, trust, scratch=scratch, on_progress=lambda done, _all: seen.append(done))
    assert found == verdict
    # The last bundle is a partial one, after which nothing is kept.
    assert seen == [256, 512, 543][min(bundles, 2) :]


def test_run_that_is_stopped_again_and_again_ends_with_the_same_verdict(
    files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    for _ in range(2):
        run_until(files, trust, tmp_path / "scratch", 1)
    assert audit(files, trust, scratch=tmp_path / "scratch") == verdict


def test_illegal_and_unchecked_events_are_kept_over_a_stop(tmp_path: Path) -> None:
    world = World()
    core = world.core("ACCEPTED")
    log = Forger(world)
    log.add("polish", core, by="operator")
    log.add("pack", core, by="operator")
    log.add("set_policy", "policy", by="operator")
    while log.size < 300:
        world.core("IN_PROCESS")
        log.follow()
    log.publish()
    whole = audit(log.files(), log.trust())
    assert (whole.counts.unchecked, len(whole.illegal)) == (2, 1)
    run_until(log.files(), log.trust(), tmp_path / "scratch", 1)
    assert audit(log.files(), log.trust(), scratch=tmp_path / "scratch") == whole


def test_archive_that_grew_is_verified_from_where_the_smaller_one_ended(
    honest: Forger, trust: TrustFile, tmp_path: Path
) -> None:
    notes = honest.notes
    honest.notes = {size: note for size, note in notes.items() if size <= 516}
    smaller = honest.files()
    honest.notes = notes
    audit_kept = audit(smaller, trust, scratch=tmp_path / "scratch")
    assert audit_kept.size == 516
    run_until(smaller, trust, tmp_path / "other", 2)
    found = audit(honest.files(), trust, scratch=tmp_path / "other")
    assert found == audit(honest.files(), trust)


def test_finished_run_can_be_asked_again(
    files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    assert audit(files, trust, scratch=tmp_path / "scratch") == verdict
    assert audit(files, trust, scratch=tmp_path / "scratch") == verdict


def test_damage_after_the_stop_is_found(files: Files, trust: TrustFile, tmp_path: Path) -> None:
    run_until(files, trust, tmp_path / "scratch", 1)
    damaged = bytearray(files["tile/entries/001"])
    damaged[1000] ^= 1
    with pytest.raises(VerificationError) as caught:
        audit({**files, "tile/entries/001": bytes(damaged)}, trust, scratch=tmp_path / "scratch")
    assert caught.value.where.startswith("tile/entries/001, entry 257,")


# Scratch files


def refused(files: Files, trust: TrustFile, scratch: Path) -> TraceledgerError:
    with pytest.raises(UsageError) as caught:
        audit(files, trust, scratch=scratch)
    assert caught.value.code == "archive.scratch"
    return caught.value


def test_scratch_file_of_another_archive_is_refused(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    world = World()
    other = Forger(world)
    other.add("set_policy", "policy", by="root")
    while other.size < 300:
        world.core("IN_PROCESS")
        other.follow()
    other.publish()
    run_until(other.files(), other.trust(), tmp_path / "scratch", 1)
    refused(files, trust, tmp_path / "scratch")
    run_until(files, trust, tmp_path / "shown", 1)
    hidden = {path: data for path, data in files.items() if not path.startswith("disclosures")}
    refused(hidden, trust, tmp_path / "shown")


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\0" + bytes(84), bytes(4096)])
def test_file_that_is_something_else_is_refused_and_left_alone(
    content: bytes, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    (tmp_path / "scratch").write_bytes(content)
    refused(files, trust, tmp_path / "scratch")
    assert (tmp_path / "scratch").read_bytes() == content


def test_another_database_is_refused_and_left_alone(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "scratch") as connection:
        connection.execute("CREATE TABLE mine (name)")
    connection.close()
    before = (tmp_path / "scratch").read_bytes()
    refused(files, trust, tmp_path / "scratch")
    assert (tmp_path / "scratch").read_bytes() == before


def test_scratch_file_in_use_is_refused(files: Files, trust: TrustFile, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    audit(files, trust, scratch=scratch, on_progress=lambda *_: None)
    met: list[TraceledgerError] = []
    audit(files, trust, scratch=scratch)
    run_until(files, trust, tmp_path / "busy", 1)

    def on_progress(_done: int, _all: int) -> None:
        if not met:
            met.append(refused(files, trust, tmp_path / "busy"))

    audit(files, trust, scratch=tmp_path / "busy", on_progress=on_progress)
    assert met


def test_scratch_file_in_a_folder_that_is_not_there_is_refused(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    refused(files, trust, tmp_path / "none" / "scratch")


@pytest.mark.parametrize("seed", range(4))
def test_damaged_scratch_file_is_refused_or_of_no_effect(
    seed: int, files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    run_until(files, trust, scratch, 2)
    whole = scratch.read_bytes()
    chance = random.Random(seed)
    refusals = 0
    for _ in range(15):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        cut = whole[: chance.randrange(1, len(whole))]
        for data in (bytes(changed), cut):
            scratch.write_bytes(data)
            for rest in ("-wal", "-shm"):
                Path(f"{scratch}{rest}").unlink(missing_ok=True)
            try:
                found = audit(files, trust, scratch=scratch)
            except (UsageError, StorageError):
                refusals += 1
            else:
                assert found == verdict
    assert refusals


# Several processes


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started however small the archive is."""
    monkeypatch.setattr(workers, "_WORTH", 1)


@pytest.mark.usefixtures("eager")
def test_processes_give_the_same_verdict(
    files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    folder = write_folder(files, tmp_path / "archive")
    assert verify_archive(FolderSource(folder), trust, now=NOW, workers=2) == verdict
    run_until(files, trust, tmp_path / "scratch", 1)
    resumed = verify_archive(
        FolderSource(folder), trust, now=NOW, workers=2, scratch=tmp_path / "scratch"
    )
    assert resumed == verdict


@pytest.mark.usefixtures("eager")
def test_processes_know_the_keys_of_the_first_bundle(files: Files, trust: TrustFile) -> None:
    """What they check without its key is checked again in this process, which then limits speed."""
    left: list[int] = []
    check = counting_late(partial(check_all, workers=2), left)
    verify_archive(MemorySource(files), trust, now=NOW, check=check)
    assert left[0] > 0
    assert not any(left[1:])


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("path", ["tile/entries/001", "tile/0/001", "disclosures/001"])
def test_processes_name_damage_in_the_same_words(path: str, files: Files, trust: TrustFile) -> None:
    damaged = bytearray(files[path])
    damaged[5000] ^= 1
    changed = {**files, path: bytes(damaged)}
    met = []
    for count in (1, 2):
        with pytest.raises(VerificationError) as caught:
            audit(changed, trust, workers=count)
        met.append(str(caught.value))
    assert met[0] == met[1]


@pytest.mark.usefixtures("eager")
def test_process_that_is_killed_is_told_and_the_run_can_go_on(
    files: Files, trust: TrustFile, verdict: ArchiveVerdict, tmp_path: Path
) -> None:
    def kill(_done: int, _all: int) -> None:
        for child in children(os.getpid()):
            os.kill(child, signal.SIGKILL)
        time.sleep(0.2)

    # So few bundles may all be checked before the first is folded; then nobody misses the process.
    source = SlowSource(files)
    with pytest.raises(StorageError) as caught:
        verify_archive(
            source, trust, now=NOW, workers=2, on_progress=kill, scratch=tmp_path / "scratch"
        )
    assert caught.value.code == "archive.worker"
    assert audit(files, trust, scratch=tmp_path / "scratch") == verdict


class SlowSource(MemorySource):
    """An archive whose third bundle takes long to read."""

    __slots__ = ()

    def read(self, path: str, limit: int) -> bytes:
        if path.startswith("tile/entries/002"):
            time.sleep(5)
        return super().read(path, limit)


def children(pid: int) -> list[int]:
    """The processes that a process started and that are alive, but for Python's own trackers."""
    return [
        int(child)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def running(
    files: Files, trust: TrustFile, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A verification in a process of its own, and the processes that it started."""
    folder = write_folder(files, tmp_path / "archive")
    with long_run.start(folder, trust) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        found = children(process.pid)
        assert found  # on a busy machine, the first may have done the work of the second
        yield process, found
        process.kill()


def wait_until_gone(pids: list[int]) -> None:
    for _ in range(600):
        if not any(map(is_alive, pids)):
            return
        time.sleep(0.05)
    raise AssertionError(f"still alive: {[pid for pid in pids if is_alive(pid)]}")


def test_processes_end_when_the_one_that_started_them_is_killed(
    running: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    process, found = running
    process.kill()
    wait_until_gone(found)


def test_stop_from_the_keyboard_ends_all_processes_quietly(
    running: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    process, found = running
    os.killpg(process.pid, signal.SIGINT)
    wait_until_gone([process.pid, *found])
    assert process.stderr is not None
    assert process.stderr.read() == b"stopped\n"
