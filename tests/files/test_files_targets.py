"""Export targets: existing files are kept, and output is complete and reproducible."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from traceledger.errors import ConflictError, StorageError
from traceledger.files.targets import open_target


class InterruptedExportError(Exception):
    """Interrupts an export."""


TARGETS = pytest.mark.parametrize("name", ["archive", "archive.zip"])


@TARGETS
def test_target_never_overwrites(name: str, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "mine").write_bytes(b"mine")
    (tmp_path / "archive.zip").write_bytes(b"mine")
    with pytest.raises(ConflictError, match="already exists"):
        open_target(tmp_path / name).__enter__()
    assert (tmp_path / "archive.zip").read_bytes() == b"mine"
    assert [file.name for file in (tmp_path / "archive").iterdir()] == ["mine"]


@TARGETS
def test_interrupted_export_leaves_nothing(name: str, tmp_path: Path) -> None:
    def export() -> None:
        with open_target(tmp_path / name) as target:
            target.write("tile/0/000", b"half")
            assert not (tmp_path / name).exists()
            raise InterruptedExportError

    with pytest.raises(InterruptedExportError):
        export()
    assert list(tmp_path.iterdir()) == []


def test_same_files_produce_the_same_zip(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        with open_target(tmp_path / name) as target:
            target.write("tile/0/000", bytes(32))
            target.write("checkpoint", b"note")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["tile/0/000", "checkpoint"]
        assert archive.read("checkpoint") == b"note"


def test_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConflictError, match="is not an empty folder"):
        open_target(tmp_path / "file").__enter__()
    with pytest.raises(StorageError, match="cannot be written"):
        open_target(tmp_path / "none" / "archive.zip").__enter__()
