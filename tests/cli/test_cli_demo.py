"""The demo's folder must be usable afterwards: all its parties, witnesses included, have keys."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SmallDemo
from traceledger_cli.main import main


@pytest.fixture
def demo(small_demo: SmallDemo, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_demo.root, tmp_path / "demo"))


def test_killed_demo_leaves_no_folder_and_can_be_repeated(tmp_path: Path) -> None:
    """Half a demo looks like a demo, and its name would be taken."""
    command = [sys.executable, "-m", "traceledger_cli", "demo", "demo", "--cores", "12"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not (tmp_path / ".demo.new" / "ledger").exists():
            time.sleep(0.01)
        process.kill()
    assert not (tmp_path / "demo").exists()
    result = CliRunner().invoke(main, ["demo", str(tmp_path / "demo"), "--cores", "12", "--json"])
    assert result.exit_code == 0, result.output
    assert [file.name for file in tmp_path.iterdir()] == ["demo"]
    assert Path(json.loads(result.stdout)["trust"]) == tmp_path / "demo" / "trust.json"


def test_request_replaces_an_earlier_one_and_nothing_else(demo: Path) -> None:
    request = ("witness", "request", "--ledger", str(demo / "ledger"))
    keys = CliRunner().invoke(main, [*request, str(demo / "keys"), "--dry-run", "--json"])
    assert (keys.exit_code, json.loads(keys.stdout)["error"]["code"]) == (7, "witness.folder")
    for _ in range(2):
        result = CliRunner().invoke(main, [*request, str(demo / "request")])
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("witness", ["customs", "port"])
def test_witnesses_of_the_demo_cosign_later_checkpoints(demo: Path, witness: str) -> None:
    environment = {
        "TRACELEDGER_LEDGER": str(demo / "ledger"),
        "TRACELEDGER_PASSPHRASE_FILE": str(demo / "passphrase"),
    }

    def run(*args: str | Path) -> str:
        result = CliRunner(env=environment).invoke(main, [str(arg) for arg in args])
        assert result.exit_code == 0, result.output
        return result.stdout

    unit = json.loads(run("show", "--life", "EXPORTED", "--limit", "1", "--json"))["items"][0]
    before = json.loads(run("checkpoint", "--json"))
    officer = demo / "keys" / "customs" / "officer"
    run("hold", unit["item"], "--authority", "customs", "--key", officer)
    assert len(json.loads(run("checkpoint", "--json"))["signers"]) == 1
    run("witness", "request", demo / "request", "--since", str(before["size"]))
    folder, answer = demo / "witnesses" / witness, demo / "answer"
    mode = () if witness == "customs" else ("--append-only",)
    run("witness", "cosign", folder, demo / "request", "-o", answer, *mode)
    run("checkpoint", "--add-cosignature", answer, "--trust", demo / "trust.json")
    assert len(json.loads(run("checkpoint", "--json"))["signers"]) == 2
    assert len(list((folder / "public").rglob("checkpoint"))) == 1


def test_served_witness_cosigns_each_checkpoint_and_refuses_a_second_history(
    tmp_path: Path,
) -> None:
    """The demo shows over HTTP what a witness is for; it must not be staged."""
    result = CliRunner().invoke(main, ["demo", str(tmp_path / "demo"), "--cores", "12", "--serve"])
    assert result.exit_code == 0, result.output
    assert "refused [witness.fork]" in result.stdout
    notes = (tmp_path / "demo/archive/checkpoints").iterdir()
    assert all(b"port.example/w1" in note.read_bytes() for note in notes)
    (evidence,) = (tmp_path / "demo/witnesses/port/evidence").iterdir()
    assert {file.name for file in evidence.iterdir()} == {"shown", "cosigned"}
    assert "witness.fork" in (tmp_path / "demo/witnesses/port/serve.log").read_text()
