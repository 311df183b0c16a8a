"""Verification on a Dask cluster: two worker processes on this machine."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from tests.forging import Files, Forger, audit, counting_late, write_folder
from tests.passports import NOW
from tests.world import World
from traceledger.cluster import checking
from traceledger.cluster.checking import checking_on
from traceledger.errors import RemoteError, UsageError, VerificationError
from traceledger.files.installation import find_installation
from traceledger.formats.trust import TrustFile, format_trust
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verdict import ArchiveVerdict


@pytest.fixture(scope="module")
def log() -> Forger:
    """A ledger of three full bundles and a partial one."""
    world = World()
    log = Forger(world)
    while log.size < 800:
        world.unit("EXPORTED")
        log.follow()
    log.publish()
    return log


@pytest.fixture(scope="module")
def files(log: Forger) -> Files:
    return log.files()


@pytest.fixture(scope="module")
def trust(log: Forger) -> TrustFile:
    return log.trust()


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as started:
        yield started


def verify(
    folder: Path, trust: TrustFile, cluster: LocalCluster, *, kill: tuple[int, ...] = ()
) -> ArchiveVerdict:
    """Verifies on the cluster; kills these processes when its first bundle is done."""
    doomed = list(kill)

    def strike(done: int, _all: int) -> None:
        while doomed and done > TILE_WIDTH:  # the program itself checks the first one
            os.kill(doomed.pop(), signal.SIGKILL)

    with checking_on(cluster.scheduler_address, run=1) as check:
        source = FolderSource(folder)
        return verify_archive(source, trust, now=NOW, check=check, on_progress=strike)


def test_cluster_gives_the_verdict_of_one_machine(
    cluster: LocalCluster, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    folder = write_folder(files, tmp_path / "archive")
    assert verify(folder, trust, cluster) == audit(files, trust)


def test_workers_know_the_keys_of_the_first_bundle(
    cluster: LocalCluster, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    """What they check without its key is checked again in the program, which then limits speed."""
    left: list[int] = []
    source = FolderSource(write_folder(files, tmp_path / "archive"))
    with checking_on(cluster.scheduler_address, run=1) as check:
        verify_archive(source, trust, now=NOW, check=counting_late(check, left))
    assert left[0] > 0
    assert not any(left[1:])


def test_worker_killed_in_the_middle_costs_time_only(
    cluster: LocalCluster, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    folder = write_folder(files, tmp_path / "archive")
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        first, _second = client.run(os.getpid).values()
    assert verify(folder, trust, cluster, kill=(first,)) == audit(files, trust)


def test_damage_that_a_worker_finds_is_reported_with_its_place(
    cluster: LocalCluster, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    name = "tile/entries/002"
    broken = {**files, name: files[name].replace(b"eyJ", b"eyK", 1)}
    with pytest.raises(VerificationError) as here:
        audit(broken, trust)
    with pytest.raises(VerificationError) as there:
        verify(write_folder(broken, tmp_path / "archive"), trust, cluster)
    assert str(there.value) == str(here.value)


def test_worker_with_another_program_is_refused(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of an older version may accept what this version refuses."""
    own = find_installation()
    monkeypatch.setattr(checking, "find_installation", lambda: own._replace(digest="00"))
    with (
        pytest.raises(UsageError, match=r"cluster\.program"),
        checking_on(cluster.scheduler_address),
    ):
        pass


def test_worker_that_joins_later_with_another_program_is_refused(
    cluster: LocalCluster,
    files: Files,
    trust: TrustFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All workers may end and be replaced while a large archive is verified."""
    own = find_installation()
    monkeypatch.setattr(checking, "find_installation", lambda: own._replace(digest="00"))
    monkeypatch.setattr(checking, "_check_programs", lambda *_start: None)  # joined after it
    folder = write_folder(files, tmp_path / "archive")
    with pytest.raises(UsageError, match=r"cluster\.program"):
        verify(folder, trust, cluster)


def test_address_without_a_scheduler_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PATIENCE", 0.2)
    with pytest.raises(RemoteError, match=r"cluster\.unreachable"), checking_on("tcp://[::1]:9"):
        pass


@pytest.fixture
def archive(files: Files, trust: TrustFile, tmp_path: Path) -> Path:
    (tmp_path / "trust.json").write_bytes(format_trust(trust))
    return write_folder(files, tmp_path / "archive")


@pytest.mark.parametrize(("command", "member"), [("verify", "counts"), ("audit", "books")])
def test_commands_take_the_address_of_a_cluster(
    command: str, member: str, cluster: LocalCluster, programs: Path, archive: Path
) -> None:
    """The signatures are old by now, so the result is incomplete, but everything was checked."""
    trust = archive.with_name("trust.json")
    place = ("--dask", cluster.scheduler_address, "--trust", str(trust))
    run = subprocess.run(
        [str(programs / "traceledger"), command, str(archive), *place, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 4, run.stderr
    assert json.loads(run.stdout)[member]
