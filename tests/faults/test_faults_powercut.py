from __future__ import annotations

import contextlib
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults import workload as program
from tests.faults.powercut import CrashState, Operation, crash_states, record
from tests.faults.promises import Said, check_folder, opened
from tests.faults.workload import PASSPHRASE
from tests.ledger.bench import clock
from traceledger.errors import NoLedgerError, StorageError, TraceledgerError
from traceledger.ledger.keeping.home import Home

ENOUGH = 20  # broken states of a mutant: it is found

Check = Callable[[Path, Said, bool], None]


def run_workload(tmp_path: Path, kind: str, *faults: str) -> list[Operation]:
    folder = tmp_path / "traced"
    folder.mkdir()
    return record([sys.executable, program.__file__, kind, folder, *faults], folder)


def check_states(
    operations: list[Operation], folder: Path, check: Check, *, seed: int, mixed: int
) -> int:
    """Checks every crash state of a run, and returns how many there are."""
    number = 0
    for state in crash_states(operations, random.Random(seed), mixed=mixed):
        number += 1
        check_state(state, folder / "state", check, go_on=number % 20 == 0)
    return number


def check_state(state: CrashState, place: Path, check: Check, *, go_on: bool) -> None:
    place.mkdir()
    state.write(place)
    try:
        check(place, Said.parse(state.said), go_on)
    except (AssertionError, TraceledgerError) as error:
        raise AssertionError(f"after operation {state.after}: {error!r}") from error
    finally:
        shutil.rmtree(place)


def check_run(folder: Path, said: Said, go_on: bool) -> None:  # noqa: FBT001 - one of three checks
    if "OPEN" in said.words:
        check_folder(folder, said, go_on=go_on)
        return
    with contextlib.suppress(TraceledgerError):  # it may not be there yet, but must not crash
        Home.open(folder / "ledger").write(clock, PASSPHRASE).close()


def check_founding(folder: Path, said: Said, go_on: bool) -> None:  # noqa: FBT001 - as above
    """A ledger is there whole, with its first checkpoint, or not at all."""
    del go_on
    try:
        home = Home.open(folder / "new" / "ledger")
    except NoLedgerError:
        assert "FOUNDED" not in said.words
        return
    with contextlib.closing(home.open_store()) as store:
        assert store.check() == []
    with contextlib.closing(home.write(clock, PASSPHRASE)) as ledger:
        assert ledger.size == 2
        assert ledger.checkpoint() == home.published.read_bytes()
        assert home.keys.names() == ("log", "root")


def check_save(folder: Path, said: Said, go_on: bool) -> None:  # noqa: FBT001 - as above
    """The ledger goes on; what was saved is whole; what is restored signs nothing too early."""
    check_run(folder, said, go_on)
    for place, word in (("saves/backup", "SAVED"), ("again/ledger", "RESTORED")):
        try:
            home = Home.open(folder / place)
        except NoLedgerError:
            assert word not in said.words
            continue
        if home.restored.exists():
            assert "FREED" not in said.words or word == "SAVED"
            with pytest.raises(StorageError):
                home.write(clock, PASSPHRASE)
        with contextlib.closing(home.open_store()) as store:
            assert store.check() == []
        with contextlib.closing(home.read(clock)) as ledger:
            assert ledger.size > 2
            assert said.published == opened(ledger.checkpoint()).size
        home.keys.signer("log", PASSPHRASE)


@pytest.mark.parametrize("workload", [("run",), ("brief", "small WAL")], ids=" ".join)
def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(
    tmp_path: Path, fast_folder: Path, counts: Counts, workload: tuple[str, ...]
) -> None:
    operations = run_workload(tmp_path, *workload)
    states = check_states(operations, fast_folder, check_run, seed=1, mixed=1)
    assert states > 300
    title = f"power cuts while appending, publishing, cosigning ({' '.join(workload)})"
    counts(title, states=states, lost=0, half_done=0)


def test_a_power_cut_while_a_ledger_is_founded_leaves_it_whole_or_not_there(
    tmp_path: Path, fast_folder: Path, counts: Counts
) -> None:
    operations = run_workload(tmp_path, "found")
    states = check_states(operations, fast_folder, check_founding, seed=1, mixed=2)
    counts("power cuts while founding", states=states, lost=0, half_done=0)


def test_a_power_cut_during_backup_and_restore_leaves_nothing_half_that_would_sign(
    tmp_path: Path, fast_folder: Path, counts: Counts
) -> None:
    operations = run_workload(tmp_path, "save")
    states = check_states(operations, fast_folder, check_save, seed=1, mixed=1)
    counts("power cuts while saving and restoring", states=states, lost=0, half_done=0)


@pytest.mark.parametrize(
    "mutant",
    ["synchronous NORMAL", "synchronous OFF", "no sync of folders", "no sync of files"],
)
def test_a_product_that_syncs_too_little_is_found(
    tmp_path: Path, fast_folder: Path, counts: Counts, mutant: str
) -> None:
    operations = run_workload(tmp_path, "brief", mutant)
    broken = total = 0
    for state in crash_states(operations, random.Random(1)):
        total += 1
        try:
            check_state(state, fast_folder / "state", check_run, go_on=False)
        except AssertionError:
            broken += 1
            if broken == ENOUGH:
                break
    counts(f"power cuts of a mutant, {mutant}", states=total, found_broken=broken)
    assert broken == ENOUGH


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("workload", [("run",), ("run", "small WAL")], ids=" ".join)
def test_power_cuts_by_the_ten_thousand_lose_nothing_acknowledged(
    tmp_path: Path, fast_folder: Path, counts: Counts, workload: tuple[str, ...], seed: int
) -> None:
    operations = run_workload(tmp_path, *workload)
    states = check_states(operations, fast_folder, check_run, seed=seed, mixed=6)
    counts(f"power cuts in longer runs ({' '.join(workload)})", states=states, lost=0, half_done=0)
