"""The folder of a witness request: its entries are found, its damage is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.forging import Forger, write_folder
from tests.world import World
from traceledger.errors import MalformedError
from traceledger.formats.witness import WitnessRequest, format_request
from traceledger.merkle.bundles import format_bundle
from traceledger.witness.request_folder import read_entries, read_request


@pytest.fixture
def log() -> Forger:
    world = World()
    while len(world.events) < 280:
        world.core("IN_PROCESS")
    log = Forger(world)
    log.publish()
    return log


def write(log: Forger, folder: Path, old: int) -> Path:
    size = log.size
    request = format_request(WitnessRequest(old, (), log.notes[size]))
    return write_folder(
        {
            "add-checkpoint": request,
            "tile/entries/000": format_bundle(log.entries[:256]),
            f"tile/entries/001.p/{size - 256}": format_bundle(log.entries[256:]),
        },
        folder,
    )


@pytest.mark.parametrize("old", [0, 1, 255, 256, 257])
def test_entries_start_at_the_old_size_of_the_request(
    old: int, log: Forger, tmp_path: Path
) -> None:
    folder = write(log, tmp_path / "request", old)
    assert list(read_entries(folder)) == log.entries[old:]
    assert read_request(folder).startswith(b"old %d\n" % old)


def test_missing_and_damaged_bundles_are_named(log: Forger, tmp_path: Path) -> None:
    folder = write(log, tmp_path / "request", 0)
    bundle = folder / "tile/entries/000"
    intact = bundle.read_bytes()
    for data in (intact[:-1], intact + b"x", b""):
        bundle.write_bytes(data)
        with pytest.raises(MalformedError, match=r"tile/entries/000"):
            list(read_entries(folder))
    bundle.unlink()
    with pytest.raises(MalformedError, match=r"tile/entries/000"):
        list(read_entries(folder))
    (folder / "add-checkpoint").unlink()
    with pytest.raises(MalformedError, match="add-checkpoint"):
        read_request(folder)


def test_pipe_in_a_request_is_refused_at_once(log: Forger, tmp_path: Path) -> None:
    """The plant writes the folder; it must not be able to block the witness."""
    folder = write(log, tmp_path / "request", 0)
    for name, read in (("add-checkpoint", read_request), ("tile/entries/000", read_entries)):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(MalformedError, match=name):
            list(read(folder))
        (folder / name).unlink()
        (folder / name).write_bytes(content)
