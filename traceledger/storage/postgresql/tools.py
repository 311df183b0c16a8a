"""Saving and loading a store by PostgreSQL's own programs, `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from traceledger.errors import StorageError
from traceledger.files.durable import make_private
from traceledger.storage.postgresql.address import parse_address

__all__ = ["check", "dump", "load"]

_DEBIAN = Path("/usr/lib/postgresql")  # the programs of each version, which are not on PATH


def dump(address: str, target: Path) -> None:
    """Saves the store of a database to a new private file, also while it is in use.

    The file is as of one moment and is read back. It names no role, so that it can be loaded where
    the roles that may read this database do not exist. Raises StorageError `backup.tools` or
    `store.write`.
    """
    parse_address(address)
    make_private(target)  # it has all fields, also those that only customs may see
    options = ("--format=custom", "--schema=traceledger", "--no-owner", "--no-privileges")
    _run("pg_dump", *options, f"--file={target}", address)
    check(target)


def check(source: Path) -> None:
    """Reads a saved store completely; raises StorageError `backup.tools`."""
    _run("pg_restore", f"--file={os.devnull}", str(source))


def load(source: Path, address: str) -> None:
    """Loads a saved store into a database without one, all or nothing.

    Raises StorageError `backup.tools`.
    """
    parse_address(address)
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    _run("pg_restore", *options, f"--dbname={address}", str(source))


def _run(program: str, *options: str) -> None:
    found = shutil.which(program) or _find_debian(program)
    if found is None:
        raise StorageError("backup.tools", f"{program} is not installed")
    run = subprocess.run(  # the password, if there is one, is where libpq finds it
        [found, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if run.returncode:
        said = next(iter(run.stderr.strip().splitlines()), f"exit code {run.returncode}")
        raise StorageError("backup.tools", said)


def _find_debian(program: str) -> str | None:
    found = [*_DEBIAN.glob(f"*/bin/{program}")]
    return str(max(found, key=lambda path: int(path.parents[1].name))) if found else None
