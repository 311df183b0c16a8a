"""A folder appears under its name once it is complete, and never blocks another attempt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from traceledger.errors import BusyError, ConflictError
from traceledger.files.durable import list_folder
from traceledger.files.new_folder import new_folder

_KILLED = """
import os, signal, sys
from pathlib import Path
from traceledger.files.new_folder import new_folder
with new_folder(Path(sys.argv[1]), "backup.exists") as folder:
    (folder / "half").mkdir()
    (folder / "half" / "file").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


class InterruptedCopyError(Exception):
    """Interrupts a copy."""


def fill(path: Path, *, interrupted: bool = False) -> None:
    with new_folder(path, "backup.exists", mode=0o700) as folder:
        (folder / "whole").mkdir()
        (folder / "link").symlink_to("whole")
        if interrupted:
            raise InterruptedCopyError


def test_what_a_killed_process_left_is_removed_by_the_next_attempt(tmp_path: Path) -> None:
    """A copy of a large database takes minutes; a retry after a kill must simply work."""
    killed = subprocess.run([sys.executable, "-c", _KILLED, tmp_path / "saved"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "saved").exists()
    fill(tmp_path / "saved")
    assert list_folder(tmp_path) == ["saved"]
    assert list_folder(tmp_path / "saved") == ["link", "whole"]
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o700


def test_empty_folder_keeps_its_mode_and_is_emptied_by_a_failure(tmp_path: Path) -> None:
    """It may be a mount point, which cannot be replaced."""
    (tmp_path / "saved").mkdir(mode=0o750)
    before = (tmp_path / "saved").stat()
    with pytest.raises(InterruptedCopyError):
        fill(tmp_path / "saved", interrupted=True)
    assert list_folder(tmp_path / "saved") == []
    fill(tmp_path / "saved")
    after = (tmp_path / "saved").stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("exists", [False, True])
def test_two_processes_never_fill_one_folder(tmp_path: Path, *, exists: bool) -> None:
    """In an empty folder that exists, a failure of the second would delete the first's files."""
    if exists:
        (tmp_path / "saved").mkdir()
    with new_folder(tmp_path / "saved", "backup.exists") as first:
        with pytest.raises(BusyError, match="another process"):
            fill(tmp_path / "saved", interrupted=True)
        (first / "mine").touch()
        with pytest.raises(BusyError, match="another process"):
            fill(tmp_path / "saved")
        assert (first / "mine").exists()
    assert list_folder(tmp_path / "saved") == ["mine"]


def test_folder_is_no_more_open_than_the_umask_allows(tmp_path: Path) -> None:
    """A ledger that is restored under umask 077 must not be readable by everybody."""
    before = os.umask(0o077)
    try:
        with new_folder(tmp_path / "saved", "backup.exists"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_exists_is_kept(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "saved"
    match kind:
        case "file":
            place.touch()
        case "folder":
            (place / "mine").mkdir(parents=True)
        case _:
            place.symlink_to("nowhere")
    with pytest.raises(ConflictError, match="already exists"):
        fill(place)
    assert list_folder(tmp_path) == ["saved"]
