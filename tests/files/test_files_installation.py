"""The identity of the installed program: every file counts, and foreign distributions are named."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from traceledger.files import installation
from traceledger.files.installation import find_installation, find_intruders, list_files
from traceledger.formats.archive import format_readme

REPOSITORY = Path(__file__).parents[2]


def test_list_contains_every_source_file_and_no_compiled_one() -> None:
    listed = {line.split("  ")[1] for line in list_files().decode().splitlines()}
    assert {"traceledger/errors.py", "traceledger_cli/main.py"} <= listed
    assert "traceledger_api/static/verifier/verify/passport.js" in listed
    assert not any(path.endswith(".pyc") for path in listed)


def test_list_has_the_format_of_sha256sum() -> None:
    first, *_ = list_files().decode().splitlines()
    digest, path = first.split("  ")
    assert digest == sha256((REPOSITORY / path).read_bytes()).hexdigest()


def test_module_prints_the_list() -> None:
    command = [sys.executable, "-m", "traceledger.files.installation"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert find_installation().digest == sha256(printed).hexdigest()


def test_program_that_was_not_installed_has_an_unknown_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installation, "DISTRIBUTION", "never-installed")
    assert find_installation().version == "unknown"


def test_foreign_distribution_in_the_same_packages_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another distribution named `traceledger` installs its own traceledger/client.py."""
    info = tmp_path / "traceledger-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: traceledger\nVersion: 9\n")
    (info / "RECORD").write_text("traceledger/client.py,,\n")
    (tmp_path / "traceledger").mkdir()
    (tmp_path / "traceledger" / "client.py").touch()  # some versions list only files that exist
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_intruders() == ["traceledger"]


def test_readme_names_the_distribution_its_files_and_their_digest() -> None:
    readme = format_readme("traceledger-bonded", "1.2.3", "ab" * 32).decode()
    assert "pip install traceledger-bonded\n" in readme
    assert "traceledger_bonded-1.2.3-py3-none-any.whl" in readme
    assert "ab" * 32 in readme
    assert max(map(len, readme.splitlines())) <= 90
