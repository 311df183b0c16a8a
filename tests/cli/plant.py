"""A plant with a ledger, used only through the program."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from traceledger.formats.vkey import format_vkey
from traceledger.witness.home import WitnessHome
from traceledger_cli.main import main
from traceledger_cli.texts.pages import locate_pages

PASSPHRASE = "correct horse"  # noqa: S105 - of the tests' keys
CORE = "8004/9521234C000001"
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
BOOK = "book/7KQ2X4PM9ATRWC23QZ5H"
DATA = resources.files("traceledger_cli.demo") / "data"

ROLES = {"import": "importer", "station": "operator", "lab": "quality", "release": "approver"}
PACKING = (
    ("inspect", CORE, "--grade", "B", "--key", "station"),
    (
        *("repair", CORE, "--action", "resolder", "--faults", '["joint"]', "--replaced", "[]"),
        *("--minutes", "25", "--key", "station"),
    ),
    (
        *("assemble", UNIT, "--part-no", "RM-24261870", "--input-count", "1"),
        *("--production-date", "2025-04-02", "--net-kg", "0.951"),
        *("--ref", f"input={CORE}", "--key", "station"),
    ),
    (
        *("test", UNIT, "--plan", "TP-11", "--overall", "pass", "--run", "1", "--key", "lab"),
        *("--results", '[{"name": "current", "value": "0.42", "unit": "A", "pass": true}]'),
        *("--equipment", '{"id": "BENCH-3", "due": "2025-12-31"}'),
    ),
    (
        *("approve", UNIT, "--decision", "pass", "--standards", '["GB/T 39895"]'),
        *("--warranty", '{"months": 24}', "--key", "release"),
    ),
    (
        *("pack", UNIT, "--label-text", "再制造 / Remanufactured", "--batch", "2025-04"),
        *("--remanufacturer", "重庆雨翔智能科技有限公司", "--key", "station"),
    ),
)


@dataclass(frozen=True, slots=True)
class Plant:
    """A folder with `ledger`, the plant's `keys` and the file `passphrase`."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "TRACELEDGER_LEDGER": str(self.ledger),
            "TRACELEDGER_KEYS": str(self.folder / "keys"),
            "TRACELEDGER_PASSPHRASE_FILE": str(self.folder / "passphrase"),
        }

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(
        self, *args: str | Path, code: int = 0, stdin: bytes = b"", **environment: str | None
    ) -> Result:
        """Runs the program in this process and asserts its exit code."""
        runner = CliRunner(env={**self.environment, **environment})
        result = runner.invoke(main, [str(arg) for arg in args], input=stdin)
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        return result

    def json(self, *args: str | Path, code: int = 0, stdin: bytes = b"") -> dict[str, Any]:
        """Returns the JSON object that a command writes."""
        found: dict[str, Any] = json.loads(self.run(*args, "--json", code=code, stdin=stdin).stdout)
        return found

    def refusal(self, *args: str | Path, code: int, stdin: bytes = b"") -> str:
        """Returns the code of a command's error, after checking its text and JSON forms."""
        error = self.json(*args, code=code, stdin=stdin)["error"]
        plain = self.run(*args, code=code, stdin=stdin)
        assert plain.stdout == ""
        assert error["message"] in plain.stderr
        assert f"What to do: {locate_pages(error['hint'])}" in plain.stderr
        name: str = error["code"]
        return name

    def spawn(self, *args: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Starts the program as a separate process."""
        return subprocess.Popen(
            [sys.executable, "-m", "traceledger_cli", *map(str, args)],
            env={**os.environ, **self.environment, **options.pop("env", {})},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def prompt(self, *args: str) -> tuple[subprocess.Popen[bytes], int, bytes]:
        """Starts the program on a terminal, until it asks for the passphrase.

        Returns the process, the terminal's other end and what was shown.
        """
        environment = {**os.environ, **self.environment}
        del environment["TRACELEDGER_PASSPHRASE_FILE"]
        main_end, side = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "traceledger_cli", *args],
            env=environment,
            stdin=side,
            stdout=subprocess.PIPE,
            stderr=side,
            start_new_session=True,
        )
        os.close(side)
        shown = b""
        while not shown.endswith(b": "):
            shown += os.read(main_end, 1000)
        return process, main_end, shown

    def entries(self) -> int:
        """Returns the size of the log, which every write changes."""
        return int(self.json("rebuild", "--dry-run")["entries"])

    def is_locked(self) -> bool:
        """Reports whether a process holds the writer lock."""
        with (self.ledger / "ledger.lock").open("ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def event(self, *args: str, code: int = 0) -> Result:
        return self.run("event", *args, code=code)


def found_plant(folder: Path, *options: str) -> Plant:
    """Founds a ledger with a party, keys for its stations and an account book.

    `options` are those of `init`.
    """
    plant = Plant(folder)
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n")
    plant.run(
        *("init", plant.ledger, "--origin", "ledger.example/cq-1"),
        *("--url", "https://id.example", "--name", "Liangjiang ledger"),
        *options,
    )
    plant.run("key", "new", "admin")
    plant.run(
        *("party", "admit", "plant", "--name", "雨翔 Yuxiang", "--roles", ",".join(ROLES.values())),
        *("--prefix", "01/0952123", "--prefix", "8004/9521234", "--prefix", "book/"),
        *("--prefix", "decl/", "--admin", plant.path("keys/admin")),
    )
    for key, role in ROLES.items():
        plant.run("key", "new", key)
        plant.run("key", "register", key, "--roles", role, "--label", key, "--key", "admin")
    plant.event(
        *("open_book", BOOK, "--number", "H80122500001", "--office", "两路寸滩海关"),
        *("--class", "processing", "--started", "2025-01-01", "--key", "import"),
    )
    return plant


def write_manifest(plant: Plant, cores: int, *, name: str = "manifest.csv") -> list[list[str]]:
    """Writes a manifest of the first cores and the declaration; returns the manifest's rows."""
    text = (DATA / "manifest-1080-tcm.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))[: cores + 1]
    rewrite_manifest(plant, rows, name=name)
    declaration = (DATA / "declaration-inbound.csv").read_bytes()
    (plant.folder / "declaration.csv").write_bytes(declaration)
    (plant.folder / "receipt.pdf").write_bytes(b"receipt")
    return rows


def rewrite_manifest(plant: Plant, rows: list[list[str]], *, name: str = "manifest.csv") -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    (plant.folder / name).write_text(written.getvalue(), encoding="utf-8", newline="")


def importing(plant: Plant, *more: str, name: str = "manifest.csv") -> tuple[str, ...]:
    """Returns the command that imports the manifest together with its declaration."""
    return (
        *("import-manifest", plant.path(name), "--category", "TCM", "--key", "import"),
        *("--declaration", plant.path("declaration.csv"), "--receipt", plant.path("receipt.pdf")),
        *more,
    )


def make_unit(plant: Plant) -> None:
    """Imports cores, remanufactures the first into a unit, and publishes."""
    write_manifest(plant, 12)
    plant.run(*importing(plant))
    plant.event("receive", CORE, "--result", "ok", "--condition", "as removed", "--key", "station")
    for step in PACKING:
        plant.event(*step)
    plant.run("checkpoint")


def cosign(plant: Plant, *, since: int = 0) -> None:
    """Has a replaying witness cosign the newest checkpoint, and adds the cosignature."""
    request = plant.path(f"request-{since}")
    plant.run("witness", "request", request, "--since", str(since))
    plant.run("witness", "cosign", plant.path("witness"), request, "-o", plant.path("answer"))
    plant.run(
        *("checkpoint", "--add-cosignature", plant.path("answer")),
        *("--trust", plant.path("trust.json")),
    )


def watch(plant: Plant) -> None:
    """Has customs' witness replay the log; writes `trust.json` and `passport.json`."""
    plant.run("trust", "make", "--item", "01/", "-o", plant.path("first.json"))
    policy = plant.json("trust", "show", plant.path("first.json"))["policy"]
    log = policy.split()[1]
    plant.run("witness", "new", plant.path("witness"), "--name", "customs.example/w1", "--log", log)
    key = _witness_key(plant)
    plant.run(
        *("trust", "make", "--item", "01/0952123", "--item", "8004/9521234"),
        *("--witness", f"cq={key}", "--replayed-by", "cq", "-o", plant.path("trust.json")),
    )
    cosign(plant)
    plant.run("passport", UNIT, "-o", plant.path("passport.json"))


def _witness_key(plant: Plant) -> str:
    witness = WitnessHome.open(Path(plant.path("witness"))).witness(PASSPHRASE.encode())
    return format_vkey(witness.cosigner.verifier)
