"""A part that comes from another plant's ledger brings its passport there with it."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.cli.plant import Plant
from tests.conftest import SmallDemo
from tests.vectors.former import OtherLedger
from traceledger_api.verifier import STATIC

CORE = "8004/9521234C900001"


def test_part_from_another_ledger_is_verified_with_its_passport_there(
    watched: Plant, small_demo: SmallDemo
) -> None:
    """A buyer sees both lives; a record that is not at hand is stated, a false one refused."""
    passport, false = watched.folder / "demo.json", watched.folder / "false.json"
    shutil.copy(small_demo.passport, passport)
    # As canonical JSON, another seal: well-formed, and false.
    false.write_bytes(passport.read_bytes().replace(b"seal/v1\\n", b"seal/v1\\n1", 1))
    for number, file in enumerate((passport, false), 1):
        stated = watched.run("former", file, "--keep").stdout.strip()
        assert json.loads(stated)["origin"] == "ledger.example/cq-demo"
        watched.event(
            *("import", f"{CORE[:-1]}{number}", "--surplus", "true", "--category", "TCM"),
            *("--part-no", "24261870", "--origin", "USA", "--net-kg", "0.942"),
            *("--unit-value", '{"amount": "85.00", "currency": "USD"}'),
            *("--former", stated, "--key", "import"),
        )
    kept = {sha256(file.read_bytes()).hexdigest() for file in (passport, false)}
    assert {path.name for path in (watched.ledger / "former").iterdir()} == kept
    watched.run("backup", watched.path("saved"))
    assert {path.name for path in (watched.folder / "saved" / "former").iterdir()} == kept
    watched.run("checkpoint")
    for number in (1, 2):
        item = f"{CORE[:-1]}{number}"
        watched.run("passport", item, "-o", watched.path(f"core-{number}.json"))

    def verify(number: int, *more: str | Path, code: int = 4) -> dict[str, Any]:
        item = f"{CORE[:-1]}{number}"
        command = ("verify", watched.path(f"core-{number}.json"), "--item", item, *more)
        text = watched.run(*command, code=code).stdout
        found = watched.json(*command, code=code)
        return {**found, "text": " ".join(text.split())}

    trusted = ("--trust", watched.path("core-trust.json"))
    make = ("trust", "make", "--item", "8004/9521234", "-o", watched.path("core-trust.json"))
    watched.run(*make)
    alone = verify(1, *trusted)
    assert alone["former"][0]["result"] == "missing"
    assert "its record is not at hand" in str(alone["text"])
    without_keys = verify(1, *trusted, "--former", passport)
    assert without_keys["former"] == alone["former"]
    watched.run("trust", "add", small_demo.trust)
    followed = verify(1, *trusted, "--former", passport)
    assert followed["former"][0]["result"] == "verified"
    assert f"Its earlier life as {small_demo.unit}" in str(followed["text"])
    refused = verify(2, *trusted, "--former", false, code=3)
    assert refused["codes"] == ["former.refused"]
    assert verify(2, *trusted, "--former", passport)["former"][0]["result"] == "missing"
    run = subprocess.run(
        [
            *("node", STATIC / "verify-cli.mjs", watched.path("core-2.json")),
            *(watched.path("core-trust.json"), f"{CORE[:-1]}2", "--json"),
            *("--former", false, "--former-trust", small_demo.trust),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, json.loads(run.stdout)["codes"]) == (3, ["former.refused"])


def test_passport_with_restricted_fields_is_not_shown_to_everyone(plant: Plant) -> None:
    """A partner's passport may disclose prices; the ledger's page must not."""
    plant.folder.joinpath("open.json").write_bytes(OtherLedger().data)
    command = ("former", plant.path("open.json"), "--keep")
    assert plant.refusal(*command, code=7) == "former.private"
    assert not (plant.ledger / "former").exists()
