"""Files are read within bounds, never blocked by a device, and written completely or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from traceledger.errors import MalformedError, StorageError
from traceledger.files.durable import read_file, read_limited, write_file


def test_file_up_to_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_file(tmp_path / "file", 5) == b"12345"
    assert read_file(tmp_path / "none", 5) is None
    assert read_file(tmp_path / "file" / "below", 5) is None


def test_larger_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    """A file of 3 GB must not take 3 GB of memory."""
    with (tmp_path / "file").open("wb") as handle:
        handle.truncate(3 << 30)
    with pytest.raises(MalformedError) as caught:
        read_file(tmp_path / "file", 1 << 16)
    assert caught.value.code == "file.size"
    assert "65,536" in caught.value.message


def test_endless_stream_is_refused() -> None:
    with Path("/dev/zero").open("rb") as stream:
        with pytest.raises(MalformedError) as caught:
            read_limited(stream, 3 << 20, "standard input")
        assert caught.value.code == "file.size"


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_pipe_device_and_folder_are_refused_at_once(kind: str, tmp_path: Path) -> None:
    """Opening a pipe waits for a writer that never comes, and a device never ends."""
    path = tmp_path / "path"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(MalformedError) as caught:
        read_file(path, 100)
    assert caught.value.code == "file.kind"


def test_unreadable_file_is_not_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StorageError) as caught:
        read_file(tmp_path / "loop", 100)
    assert caught.value.code == "file.read"


def test_two_writers_of_one_file_never_mix_their_bytes(tmp_path: Path) -> None:
    """Servers that share a ledger's folder all write its newest checkpoint."""
    path = tmp_path / "checkpoint"
    contents = (b"A" * 400, b"B" * 250)
    failures: list[StorageError] = []

    def write(data: bytes) -> None:
        try:
            for _ in range(50):
                write_file(path, data)
        except StorageError as error:
            failures.append(error)

    write_file(path, contents[0])
    writers = [threading.Thread(target=write, args=(data,)) for data in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert read_file(path, 1000) in contents
    assert failures == []
    assert list(tmp_path.iterdir()) == [path]
