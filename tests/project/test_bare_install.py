from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from hashlib import sha256
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
        f"traceledger_bonded-{version('traceledger-bonded')}.data",
        f"traceledger_bonded-{version('traceledger-bonded')}.dist-info",
    }
    assert "traceledger/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_bare_install_prints_its_version(bare_install: Path, without_network: list[str]) -> None:
    result = run(*without_network, bare_install, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert version("traceledger-bonded") in result.stdout


def test_bare_install_identifies_itself_by_its_distribution_and_files(
    bare_install: Path, wheel: Path
) -> None:
    """An auditor must notice a program of the same name by somebody else, or a changed file."""
    (site_packages,) = bare_install.parents[1].glob("lib/python3.*/site-packages")
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if not name.startswith("traceledger_bonded")]
        files = {name: opened.read(name) for name in names}
    lines = [f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    expected = sha256("".join(lines).encode()).hexdigest()
    shown = run(bare_install, "--version", "--verbose").stdout
    assert f"traceledger-bonded {version('traceledger-bonded')}" in shown
    assert expected in shown
    changed = site_packages / "traceledger" / "errors.py"
    content = changed.read_bytes()
    changed.write_bytes(content + b"#")
    try:
        assert expected not in run(bare_install, "--version", "--verbose").stdout
    finally:
        changed.write_bytes(content)


def test_every_page_that_a_message_names_is_installed(bare_install: Path, repository: Path) -> None:
    """An auditor has the wheel, not the repository; a hint must not lead nowhere."""
    named = {
        page
        for room in ("traceledger", "cli")
        for file in (repository / room).rglob("*.py")
        for page in re.findall(r"docs/((?:guide|spec)/[a-z-]+\.md)", file.read_text())
    }
    folder = bare_install.parents[1] / "share" / "doc" / "traceledger"
    assert {"guide/manifests.md", "spec/events.md"} <= named
    assert all((folder / page).is_file() for page in named)
    shown = run(bare_install, "explain", "policy.form").stdout
    assert str(folder / "spec" / "trust.md") in shown


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


def test_bare_install_writes_reports_but_workbooks(
    bare_install: Path, without_network: list[str], small_demo: SmallDemo, tmp_path: Path
) -> None:
    """An officer's computer has the base install; only a workbook needs another library."""
    audit = ("audit", small_demo.root / "archive", "--trust", small_demo.trust, "--workers", "1")
    result = run(*without_network, bare_install, *audit, "--report", tmp_path / "report.html")
    assert result.returncode == 0, result.stdout + result.stderr
    assert b"<!doctype html>" in (tmp_path / "report.html").read_bytes()
    result = run(*without_network, bare_install, *audit, "--report", tmp_path / "report.xlsx")
    assert (result.returncode, "[reports]" in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import traceledger",
        "import traceledger.verify",
        "import traceledger_cli.main",
        "from traceledger_cli.main import main; main(['--help'], standalone_mode=False)",
        "from traceledger_cli.main import main; main(['verify', '--help'], standalone_mode=False)",
        "from traceledger_cli.main import main; main(['audit', '--help'], standalone_mode=False)",
    ],
)
def test_what_an_auditor_needs_loads_neither_database_nor_web_framework(statement: str) -> None:
    program = f"{statement}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"
    result = run(sys.executable, "-c", program)
    assert result.returncode == 0, result.stderr
    assert HEAVY.isdisjoint(result.stderr.split())
