"""An archive that lost files, or holds others than it should."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forging import Files, Forger, audit, sign, write_folder
from tests.passports import NOW
from traceledger.errors import MalformedError, NotFoundError, TraceledgerError, VerificationError
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource, ZipSource, open_source
from traceledger.verify.archive.verdict import ArchiveVerdict

Changing = Callable[[Files], None]


def refused(files: Files, trust: TrustFile) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        audit(files, trust)
    return caught.value


def in_place(path: Path, trust: TrustFile) -> ArchiveVerdict:
    return verify_archive(open_source(path), trust, now=NOW, workers=1)


# Files


def test_every_missing_file_is_named(files: Files, trust: TrustFile) -> None:
    for path in files:
        error = refused({one: data for one, data in files.items() if one != path}, trust)
        assert (error.code, error.where) == ("archive.missing", path)


def test_truncated_and_extended_files_are_named(files: Files, trust: TrustFile) -> None:
    for path, data in files.items():
        for changed in (data[:-1], data + b"\0", data[: len(data) // 2], b""):
            assert refused({**files, path: changed}, trust).where.startswith(path), path


def swap(one: str, other: str) -> Changing:
    def change(files: Files) -> None:
        files[one], files[other] = files[other], files[one]

    return change


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (swap("tile/0/000", "tile/0/001"), "archive.tile", "tile/0/000"),
        (swap("tile/entries/000", "tile/entries/001"), "archive.bundle", "tile/entries/000"),
        (swap("disclosures/000", "disclosures/001"), "disclosure.digest", "disclosures/000"),
        (swap("checkpoints/21", "checkpoints/307"), "archive.checkpoint", "checkpoints/21"),
        (swap("checkpoint", "checkpoints/307"), "", ""),
    ],
)
def test_swapped_files_are_named(
    change: Changing, code: str, where: str, files: Files, trust: TrustFile
) -> None:
    changed = dict(files)
    change(changed)
    error = refused(changed, trust)
    assert not code or (error.code, error.where.split(",")[0]) == (code, where)


def test_partial_tile_does_not_stand_in_for_a_full_one(files: Files, trust: TrustFile) -> None:
    changed = dict(files)
    changed["tile/0/000.p/255"] = changed.pop("tile/0/000")[:-32]
    assert refused(changed, trust).where == "tile/0/000"


def test_files_that_the_tree_does_not_have_are_not_read(files: Files, trust: TrustFile) -> None:
    extra = {"tile/0/003": b"x", "tile/entries/002.p/30": b"x", "notes.txt": b"x"}
    assert audit(files | extra, trust).result == "verified"


@pytest.mark.parametrize("name", ["999", "021", "twenty", ".DS_Store", "-1", "1" * 30, "½"])
def test_odd_names_among_the_checkpoints_are_named(
    name: str, files: Files, trust: TrustFile
) -> None:
    error = refused(files | {f"checkpoints/{name}": files["checkpoint"]}, trust)
    assert error.code == "archive.checkpoint"


def test_checkpoint_of_a_huge_size_costs_nothing(honest: Forger, files: Files) -> None:
    for size in (2**63 - 1, 2**40):
        note = sign(size, bytes(32))
        error = refused({**files, "checkpoint": note}, honest.trust())
        assert error.code in {"archive.missing", "archive.tile"}
        error = refused({**files, f"checkpoints/{size}": note}, honest.trust())
        assert error.code == "archive.checkpoint"


# Disclosures


def lines_of(files: Files) -> list[bytes]:
    return files["disclosures/000"].split(b"\n")


def with_lines(files: Files, lines: list[bytes]) -> Files:
    return {**files, "disclosures/000": b"\n".join(lines)}


def test_swapped_disclosures_of_two_entries_are_named(files: Files, trust: TrustFile) -> None:
    lines = lines_of(files)
    one, other = [number for number, line in enumerate(lines) if line][:2]
    lines[one], lines[other] = lines[other], lines[one]
    error = refused(with_lines(files, lines), trust)
    assert error.code == "disclosure.digest"
    assert error.where.startswith(f"disclosures/000, entry {one}, ")


def test_extra_and_repeated_disclosures_are_named(files: Files, trust: TrustFile) -> None:
    lines = lines_of(files)
    one, other = [number for number, line in enumerate(lines) if line][:2]
    for extra, code in ((lines[other], "disclosure.digest"), (lines[one], "disclosure.order")):
        changed = list(lines)
        changed[one] += extra
        error = refused(with_lines(files, changed), trust)
        assert error.code == code
        assert error.where.startswith(f"disclosures/000, entry {one}, ")


def test_disclosures_without_a_first_file_are_missed(files: Files, trust: TrustFile) -> None:
    changed = {path: data for path, data in files.items() if path != "disclosures/000"}
    assert refused(changed, trust).where == "disclosures/000"


# Directories


def test_directory_is_verified(files: Files, trust: TrustFile, tmp_path: Path) -> None:
    assert in_place(write_folder(files, tmp_path / "archive"), trust).result == "verified"


def test_link_to_the_archive_is_followed(files: Files, trust: TrustFile, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write_folder(files, tmp_path / "archive"))
    assert in_place(tmp_path / "link", trust).result == "verified"


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000", "tile", "disclosures"])
def test_links_inside_an_archive_are_refused(
    path: str, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    folder = write_folder(files, tmp_path / "archive")
    (folder / path).rename(tmp_path / "elsewhere")
    (folder / path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VerificationError) as caught:
        in_place(folder, trust)
    assert caught.value.code == "archive.file"


def test_pipes_and_directories_in_place_of_files_are_refused(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        folder = write_folder(files, tmp_path / str(number))
        (folder / "tile/0/000").unlink()
        make(folder / "tile/0/000")
        with pytest.raises(VerificationError) as caught:
            in_place(folder, trust)
        assert (caught.value.code, caught.value.where) == ("archive.file", "tile/0/000")


def test_paths_that_lead_out_of_a_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    source = FolderSource(write_folder({"checkpoint": b"x"}, tmp_path / "archive"))
    for path in ("../secret", "checkpoint/../../secret", "a\0b"):
        with pytest.raises((MalformedError, NotFoundError)):
            source.read(path, 100)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    os.mkfifo(tmp_path / "pipe")
    for name, code in (("text", "file"), ("pipe", "file"), ("nothing", "missing")):
        with pytest.raises(TraceledgerError) as caught:
            open_source(tmp_path / name)
        assert caught.value.code == f"archive.{code}"
    with pytest.raises(TraceledgerError) as caught:
        open_source(tmp_path / "text" / "below")
    assert caught.value.code == "archive.missing"


# Zips


def write_zip(
    path: Path, files: Files, prefix: str = "", method: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(prefix + name, data)
    return path


@pytest.mark.parametrize("prefix", ["", "archive/", "2025-06 é/"])
def test_zip_is_verified_with_and_without_a_folder_around_it(
    prefix: str, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "archive.zip", files, prefix)
    with zipfile.ZipFile(path, "a") as archive:
        archive.mkdir("empty")
        archive.writestr("__MACOSX/._checkpoint", b"x")
    assert in_place(path, trust) == audit(files, trust)


@pytest.mark.parametrize(
    "name", ["../checkpoint", "a/../../b", "/etc/passwd", "a\\b", "a//b", "./x", "a/./b"]
)
def test_zip_with_names_that_lead_out_of_it_is_refused(
    name: str, files: Files, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "archive.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(MalformedError) as caught:
        ZipSource(path)
    assert caught.value.code == "archive.file"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zip_that_holds_a_file_twice_is_refused(files: Files, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "archive.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("checkpoint", b"another")
    with pytest.raises(MalformedError, match="twice"):
        ZipSource(path)


def test_zip_bomb_is_read_only_up_to_the_limit(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    bomb = {**files, "tile/0/000": bytes(1 << 26)}
    path = write_zip(tmp_path / "archive.zip", bomb)
    with pytest.raises(VerificationError) as caught:
        in_place(path, trust)
    assert (caught.value.code, caught.value.where) == ("archive.file", "tile/0/000")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_packed_in_rare_ways_is_refused(method: int, tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="unsupported method"):
        ZipSource(write_zip(tmp_path / "archive.zip", {"checkpoint": b"x"}, method=method))


def test_zip_with_two_archives_or_none_is_refused(files: Files, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "two.zip", files, "one/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("two/checkpoint", files["checkpoint"])
    for place in (path, write_zip(tmp_path / "none.zip", {"a/b/checkpoint": b"x", "c": b""})):
        with pytest.raises(NotFoundError):
            ZipSource(place)


def test_changed_and_truncated_zips_are_refused_in_plain_words(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    whole = write_zip(tmp_path / "whole.zip", files).read_bytes()
    path = tmp_path / "archive.zip"
    good = audit(files, trust)
    places = [*range(0, len(whole), len(whole) // 40), *range(len(whole) - 900, len(whole), 13)]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 0x10
        for data in (bytes(changed), whole[:place]):
            path.write_bytes(data)
            try:
                verdict = in_place(path, trust)
            except TraceledgerError:
                continue
            # Zips hold bytes that nothing reads: times, attributes, sizes that are there twice.
            assert verdict == good
