from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import SmallDemo

HEAVY = {"PIL", "fastapi", "pydantic", "qrcode", "sqlalchemy", "sqlmodel"}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert folders == {
        "traceledger",
        "traceledger_cli",
        "traceledger_api",
        f"traceledger-{version('traceledger')}.dist-info",
    }
    assert "traceledger/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_bare_install_tells_its_version(bare_install: Path, without_network: list[str]) -> None:
    result = run(*without_network, bare_install, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert version("traceledger") in result.stdout


def test_bare_install_helps(bare_install: Path, without_network: list[str]) -> None:
    result = run(*without_network, bare_install, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "verify" in result.stdout


def test_bare_install_has_neither_database_nor_web_framework(bare_install: Path) -> None:
    python = bare_install.with_name("python")
    for name in sorted(HEAVY):
        assert run(python, "-c", f"import {name}").returncode == 1, name
    assert run(python, "-c", "import traceledger, traceledger.verify").returncode == 0


def test_bare_install_verifies_a_passport_without_network(
    bare_install: Path, without_network: list[str], small_demo: SmallDemo
) -> None:
    trust = ("--trust", small_demo.trust, "--item", small_demo.unit)
    result = run(*without_network, bare_install, "verify", small_demo.passport, *trust)
    assert result.returncode == 0, result.stdout + result.stderr


def test_bare_install_refuses_a_passport_with_one_changed_byte(
    bare_install: Path, without_network: list[str], small_demo: SmallDemo, tmp_path: Path
) -> None:
    passport = bytearray(small_demo.passport.read_bytes())
    passport[len(passport) // 2] ^= 1
    changed = tmp_path / "changed.json"
    changed.write_bytes(passport)
    trust = ("--trust", small_demo.trust, "--item", small_demo.unit)
    result = run(*without_network, bare_install, "verify", changed, *trust)
    assert result.returncode == 3, result.stdout + result.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import traceledger",
        "import traceledger.verify",
        "import traceledger_cli.main",
        "from traceledger_cli.main import main; main(['--help'], standalone_mode=False)",
        "from traceledger_cli.main import main; main(['verify', '--help'], standalone_mode=False)",
    ],
)
def test_what_an_auditor_needs_loads_neither_database_nor_web_framework(statement: str) -> None:
    program = f"{statement}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"
    result = run(sys.executable, "-c", program)
    assert result.returncode == 0, result.stderr
    assert HEAVY.isdisjoint(result.stderr.split())
