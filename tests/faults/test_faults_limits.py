from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cli.plant import Plant as Folder
from tests.cli.plant import found_plant
from tests.conftest import Counts
from tests.faults import full_disk
from tests.faults.promises import Said, check_folder
from tests.faults.workload import PASSPHRASE, Plant
from tests.ledger.bench import clock
from traceledger.errors import MalformedError, StorageError
from traceledger.ledger.keeping.backup import back_up
from traceledger.witness.home import WitnessHome

SIZE = 6 << 20  # bytes of the small file system, or of the largest file
ROOT_OF_ITS_OWN = ["unshare", "--user", "--map-root-user"]


def small_disk(folder: Path) -> list[str]:
    """What to put before a command so that FOLDER is a small disk; empty where that is forbidden.

    The disk is seen by the command alone and vanishes with it.
    """
    mount = f'mount -t tmpfs -o size={SIZE} none "$0" && exec "$@"'
    for before in ([], ROOT_OF_ITS_OWN):
        command = [*before, "unshare", "--mount", "sh", "-c", mount, str(folder)]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return []


def test_a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_space(
    tmp_path: Path, counts: Counts
) -> None:
    before = small_disk(tmp_path)
    limit = 0 if before else 1 << 20
    run = subprocess.run(
        [*before, sys.executable, full_disk.__file__, tmp_path, str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    _, refused, receipts = run.stdout.splitlines()[-1].split()
    counts("full disk", refused=int(refused), answers=int(receipts), lost=0, half_done=0)


@contextlib.contextmanager
def descriptors(most: int) -> Iterator[None]:
    """This process may open that many more files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = sorted(map(int, os.listdir("/proc/self/fd")))  # noqa: PTH208 - names, not paths
    free = (number for number in count() if number not in taken)
    resource.setrlimit(resource.RLIMIT_NOFILE, ([next(free) for _ in range(most + 1)][-1], hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_too_few_file_descriptors_refuse_and_leave_nothing_half(
    fast_folder: Path, counts: Counts
) -> None:
    plant = Plant(fast_folder)
    plant.found()
    with plant.writing() as ledger:
        tried = [tuple(plant.world.wires)]
        receipts = [ledger.append(plant.world.wires).receipt]
        plant.home.publish(ledger)
    refused = 0
    for most in count():
        with contextlib.suppress(StorageError), descriptors(most):
            with plant.writing() as ledger:
                tried.append(tuple(plant.sign(ledger, 1)))
                receipts.append(ledger.append(tried[-1]).receipt)
                plant.home.publish(ledger)
            WitnessHome.open(plant.folder / "witness").witness(PASSPHRASE).size()
            back_up(plant.home, plant.folder / "saved")
            break
        refused += 1
        said = Said(tuple(tried), tuple(receipts), 0, 0, 0, frozenset())
        check_folder(plant.folder, said, go_on=True)
        shutil.rmtree(plant.folder / "saved", ignore_errors=True)
        del tried[len(receipts) :]
    assert refused > 3
    counts("file descriptors run out", limits=refused, lost=0, half_done=0)


def as_a_stranger(plant: Folder, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs the program where permissions of files count, also for root."""
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*drop, sys.executable, "-m", "traceledger_cli", *args],
        env={**os.environ, **plant.environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_ledger_that_may_only_be_read_is_read_and_refuses_with_a_message(
    tmp_path: Path, counts: Counts
) -> None:
    plant = found_plant(tmp_path)
    frozen = [plant.ledger, *plant.ledger.iterdir()]
    modes = [path.stat().st_mode for path in frozen]
    for path in frozen:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        for command in (["show", "ledger"], ["doctor"], ["backup", str(tmp_path / "saved")]):
            assert as_a_stranger(plant, *command).returncode == 0
        refused = as_a_stranger(plant, "checkpoint")
    finally:
        for path, mode in zip(frozen, modes, strict=True):
            path.chmod(mode)
    assert refused.returncode == 9
    assert "store.write" in refused.stderr
    assert "Traceback" not in refused.stderr
    plant.run("checkpoint")
    counts("read-only ledger", commands=4, refused=1, crashed=0)


def test_a_second_writer_is_refused_with_its_own_exit_code_and_writes_nothing(
    tmp_path: Path, counts: Counts
) -> None:
    plant = found_plant(tmp_path)
    before = plant.entries()
    holder = (
        "import sys; from pathlib import Path; from traceledger.storage.sqlite import SqliteStore;"
        "store = SqliteStore(Path(sys.argv[1]), write=True); print('open', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, plant.ledger / "ledger.db"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"open\n"
        assert plant.refusal("checkpoint", code=11) == "store.busy"
        assert plant.refusal("rebuild", code=11) == "store.busy"
        plant.run("doctor")
        first.kill()
    assert plant.entries() == before
    plant.run("checkpoint")
    counts("two writers at once", refused=2, written=0)


def test_a_clock_that_jumps_never_changes_the_order_of_the_log(
    fast_folder: Path, counts: Counts
) -> None:
    plant = Plant(fast_folder)
    plant.found()
    places = []
    jumps = (0, -90 * 86_400, 10 * 365 * 86_400, -3_600, 1)
    with plant.writing() as ledger:
        ledger.append(plant.world.wires)
        for jump in jumps:
            ledger.clock = lambda jump=jump: clock() + jump  # type: ignore[misc]  # it has a default
            ledger.writer.clock = ledger.clock
            places += [one.leaf_index for one in ledger.append(plant.sign(ledger, 2)).events]
            plant.home.publish(ledger)
        ledger.clock = lambda: clock() + 301
        early = plant.sign(ledger, 1)
        ledger.writer.clock = clock
        size = ledger.size
        with pytest.raises(MalformedError) as caught:
            ledger.append(early)
        assert caught.value.code == "event.future"
        assert ledger.size == size
    assert places == sorted(places)
    assert len(set(places)) == 2 * len(jumps)
    check_folder(plant.folder, Said((), (), size, 0, 0, frozenset()), go_on=True)
    counts("clock jumps", jumps=len(jumps), out_of_order=0, refused_as_ahead=1)
