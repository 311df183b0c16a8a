"""A release is the same bytes wherever it is built, and holds what its page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

COMMITTED_AT = "1700000000"  # seconds since 1970


def build(repository: Path, files: list[Path], folder: Path, umask: int) -> Path:
    """Builds wheel and sdist from a copy of the repository's files, under a umask."""
    source, target = folder / "source", folder / "dist"
    for file in files:
        copy = source / file.relative_to(repository)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        copy.chmod((0o777 if os.access(file, os.X_OK) else 0o666) & ~umask)
        os.utime(copy, (umask, umask))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", target],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": COMMITTED_AT},
        umask=umask,
        check=True,
        capture_output=True,
    )
    return target


@pytest.fixture(scope="module")
def files(repository: Path, tracked_files: list[Path]) -> list[Path]:
    """The files of the repository, and the script that set-up takes from npm."""
    static = repository / "api" / "traceledger_api" / "static"
    return [*tracked_files, *(static / "vendor").glob("*.js")]


@pytest.fixture(scope="module")
def release(repository: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(repository, files, tmp_path_factory.mktemp("release"), umask=0o022)


def test_another_folder_umask_and_day_give_the_same_bytes(
    repository: Path, files: list[Path], release: Path, tmp_path: Path
) -> None:
    again = build(repository, files[::-1], tmp_path / "elsewhere", umask=0o077)
    first = {path.name: path.read_bytes() for path in release.iterdir()}
    assert sorted(Path(name).suffix for name in first) == [".gz", ".whl"]
    assert {path.name: path.read_bytes() for path in again.iterdir()} == first


def test_wheel_holds_both_verifiers_and_the_fallback(repository: Path, release: Path) -> None:
    (wheel,) = release.glob("*.whl")
    static = "traceledger_api/static"
    with zipfile.ZipFile(wheel) as opened:
        page = opened.read(f"{static}/verify.html")
        names = set(opened.namelist())
    assert page == (repository / "api" / static / "verify.html").read_bytes()
    assert {
        "traceledger/verify/__init__.py",
        f"{static}/verifier/verify/passport.js",
        f"{static}/catalogue.json",
        f"{static}/vendor/noble-ed25519.js",
    } <= names


def test_sdist_holds_specifications_vectors_and_locks(repository: Path, release: Path) -> None:
    (sdist,) = release.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    for folder, pattern in (
        ("docs/spec", "*.md"),
        ("tests/vectors/passport", "*.json"),
        ("requirements", "*.txt"),
    ):
        wanted = {f"{folder}/{path.name}" for path in (repository / folder).glob(pattern)}
        assert wanted
        assert wanted <= names
    assert "package-lock.json" in names


def test_page_names_every_version_of_a_format(repository: Path, tracked_files: list[Path]) -> None:
    version = re.compile(r"traceledger/[a-z-]+/v[0-9]+|tl-[a-z]+\+jwt")
    code = [path for path in tracked_files if path.suffix in {".py", ".js"}]
    product = [path for path in code if (repository / "tests") not in path.parents]
    used = {found for path in product for found in version.findall(path.read_text())}
    page = (repository / "docs" / "release.md").read_text()
    assert len(used) >= 8
    assert used == set(version.findall(page))


def test_release_is_refused_from_a_changed_checkout(repository: Path, tmp_path: Path) -> None:
    script = tmp_path / "scripts" / "release"
    script.parent.mkdir()
    shutil.copy(repository / "scripts" / "release", script)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    result = subprocess.run([script], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "scripts/" in result.stderr
    assert not (tmp_path / "dist").exists()
