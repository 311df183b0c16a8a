"""The commands with a server's address instead of a folder."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.process import Process, running_server, serving
from tests.cli.plant import BOOK, CORE, PASSPHRASE, UNIT, Plant, importing, write_manifest
from traceledger.formats.note import parse_note
from traceledger.formats.receipt import parse_receipt


@pytest.fixture
def served(busy_plant: Plant) -> Iterator[Plant]:
    """The plant's users, with their keys and the address of the ledger's server."""
    with serving(busy_plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        yield Far(busy_plant.folder, process)


@pytest.fixture(scope="module")
def shared(shared_busy_plant: Plant) -> Iterator[Plant]:
    """The same, for all tests that only read."""
    plant = shared_busy_plant
    with serving(plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        yield Far(plant.folder, process)


class Far(Plant):
    process: Process

    def __init__(self, folder: Path, process: Process) -> None:
        super().__init__(folder)
        object.__setattr__(self, "process", process)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "TRACELEDGER_LEDGER": self.process.address}

    def token(self, key: str = "station") -> str:
        found: str = self.json("token", "--key", key)["token"]
        return found


def test_event_is_signed_locally_and_appended_by_the_server(served: Far) -> None:
    before = served.json("show", UNIT)["seq"]
    written = served.json(
        *("event", "hold", UNIT, "--authority", "quality", "--reason", "look", "--key", "lab")
    )
    (logged,) = written["events"]
    assert (logged["item"], logged["seq"]) == (UNIT, before + 1)
    receipt = parse_receipt(parse_note(written["receipt"].encode()).text)
    assert [leaf.index for leaf in receipt.leaves] == [logged["index"]]
    assert served.json("show", UNIT)["holds"][0]["authority"] == "quality"


def test_python_program_of_the_guide_appends(served: Far) -> None:
    core = "8004/9521234C000002"
    served.event("receive", core, "--result", "ok", "--condition", "x", "--key", "station")
    connection = served.process.connect()
    with contextlib.closing(connection):
        connection.request("GET", "/.well-known/traceledger/trust.json")
        (served.folder / "trust.json").write_bytes(connection.getresponse().read())
    guide = (Path(__file__).parents[2] / "docs/guide/api.md").read_text(encoding="utf-8")
    program = guide.split("```python\n")[2].partition("```")[0]
    for written, meant in (
        ("https://ledger.example", served.process.address),
        ("the passphrase of the key", PASSPHRASE),
        ("station-1", "station"),
        ("8004/9521234C000001", core),
    ):
        assert written in program
        program = program.replace(written, meant)
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=served.folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("traceledger/receipt/v1\n")


def test_keys_are_listed_with_their_party(shared: Far) -> None:
    shared.run("key", "new", "bench")
    listed = shared.json("key", "list", "--keys", shared.path("keys"))["keys"]
    parties = {key["name"]: key["standing"] for key in listed}
    assert parties["station"] == "party/plant"
    assert "not registered" in parties.values()


def test_server_is_driven_without_a_database(served: Far) -> None:
    """A plant that only signs and sends installs no database: the extra [client]."""
    for command in (
        ("event", "hold", UNIT, "--authority", "quality", "--key", "lab"),
        ("show", UNIT),
        ("history", UNIT),
        ("lineage", UNIT),
        ("passport", UNIT, "-o", served.path("p.json")),
        ("label", UNIT, "-o", served.path("label.svg"), "--key", "station"),
        ("release", UNIT, "--hold", "quality", "--note", "good", "--key", "lab", "--yes"),
        ("append", "-", "--key", "station", "--dry-run"),
        ("key", "new", "bench"),
        ("party", "list"),
        ("token", "--key", "station"),
    ):
        program = (
            "import sys\nfor name in ('sqlalchemy', 'sqlmodel'): sys.modules[name] = None\n"
            f"from traceledger_cli.main import main\nmain({[*command, '--json']!r})"
        )
        draft = {"kind": "hold", "item": UNIT, "data": {"authority": "quality"}}
        run = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(draft),
            capture_output=True,
            text=True,
            env={**os.environ, **served.environment},
            check=False,
        )
        assert "usage.extra" not in run.stdout, (command, run.stdout)
        assert run.returncode in {0, 6}, (command, run.stdout, run.stderr)


def test_dry_run_is_checked_by_the_server_and_writes_nothing(shared: Far) -> None:
    seq = shared.json("show", UNIT)["seq"]
    command = ("event", "hold", UNIT, "--authority", "quality", "--key", "lab", "--dry-run")
    assert shared.json(*command)["events"][0]["seq"] == seq + 1
    assert shared.json("show", UNIT)["seq"] == seq
    refused = ("event", "pack", UNIT, "--label-text", "x", "--remanufacturer", "y", "--batch", "z")
    assert shared.refusal(*refused, "--key", "station", "--dry-run", code=6) == "life.transition"


def test_manifest_is_imported_and_again_adds_nothing(served: Far) -> None:
    write_manifest(served, 20)
    first = served.json(*importing(served))
    again = served.json(*importing(served))
    assert (again["imported"], again["present"]) == (0, first["imported"] + first["present"])
    assert first["imported"] == 8


def test_units_are_public_and_other_items_require_a_token(shared: Far) -> None:
    assert shared.json("show", UNIT)["state"] == "PACKED"
    assert shared.refusal("show", CORE, code=6) == "access.needed"
    environment: dict[str, Any] = {"TRACELEDGER_TOKEN": shared.token()}
    shown = shared.run("history", CORE, "--json", **environment)
    events = json.loads(shown.stdout)["events"]
    assert events[0]["kind"] == "import"
    assert "unit_value" in events[0]["data"]
    found = json.loads(shared.run("show", "--search", "C0000", "--json", **environment).stdout)
    assert len(found["items"]) >= 12
    tree = json.loads(shared.run("lineage", UNIT, "--json", **environment).stdout)
    assert CORE in {node["item"] for node in tree["nodes"]}
    parties = json.loads(shared.run("party", "list", "--json", **environment).stdout)
    assert parties["parties"][0]["party"] == "party/plant"


def test_passport_from_the_server_verifies(shared: Far) -> None:
    shared.run("passport", UNIT, "-o", shared.path("passport.json"))
    local = Plant(shared.folder)
    local.run("trust", "make", "--item", "01/0952123", "-o", shared.path("trust.json"))
    found = local.json(
        *("verify", shared.path("passport.json"), "--trust", shared.path("trust.json")),
        *("--item", UNIT),
        code=4,
    )
    assert found["codes"] == ["quorum.none", "replay.missing"]


def test_selection_is_recalled_on_the_server(served: Far) -> None:
    marked = served.json(
        *("recall", "--where", "life=PACKED", "--campaign", "RC-1", "--criteria", "all"),
        *("--severity", "high", "--action", "return", "--contact", "desk", "--key", "release"),
        "--yes",
    )
    assert [event["item"] for event in marked["events"]] == [UNIT]
    assert served.json("show", UNIT)["recalls"][0]["campaign"] == "RC-1"


def test_key_is_registered_on_the_server(served: Far) -> None:
    served.run("key", "new", "station-2")
    served.run(
        *("key", "register", "station-2", "--roles", "operator", "--label", "two", "--key", "admin")
    )
    served.run(
        "event", "stocktake", BOOK, "--scope", "hall", "--counts", "[]", "--key", "x", code=5
    )
    assert served.token("station-2")


def test_checkpoint_is_that_of_the_server(shared: Far) -> None:
    note = shared.json("checkpoint")["note"]
    connection = shared.process.connect()
    with contextlib.closing(connection):
        connection.request("GET", "/checkpoint")
        assert connection.getresponse().read().decode() == note


@pytest.mark.parametrize("command", [("doctor",), ("rebuild",), ("backup", "copy")])
def test_commands_that_need_the_folder_are_refused(
    busy_plant: Plant, command: tuple[str, ...]
) -> None:
    environment: dict[str, Any] = {"TRACELEDGER_LEDGER": "http://127.0.0.1:9"}
    found = busy_plant.run(*command, "--json", code=2, **environment)
    assert json.loads(found.stdout)["error"]["code"] == "usage.remote"


def test_writing_to_a_served_folder_is_refused(shared: Far) -> None:
    local = Plant(shared.folder)
    assert local.refusal("checkpoint", code=11) == "store.busy"


def test_unreachable_server_is_reported(plant: Plant) -> None:
    environment: dict[str, Any] = {"TRACELEDGER_LEDGER": "http://127.0.0.1:9"}
    found = plant.run("show", UNIT, "--json", code=8, **environment)
    assert json.loads(found.stdout)["error"]["code"] == "remote.unreachable"
    plant.run("show", UNIT, code=2, TRACELEDGER_LEDGER="http://ledger.example")


def test_receipts_are_checked_against_the_stored_trust_file(served: Far) -> None:
    local = Plant(served.folder)
    local.run("trust", "make", "--item", "01/0952123", "-o", served.path("trust.json"))
    false = Path(served.path("trust.json")).read_text()
    other = Plant(served.folder / "other")
    other.folder.mkdir()
    (other.folder / "passphrase").write_text(PASSPHRASE)
    other.run(
        *("init", other.ledger, "--origin", "ledger.example/cq-1"),
        *("--url", "https://id.example", "--name", "other"),
    )
    other.run("trust", "make", "--item", "01/0952123", "-o", other.path("trust.json"))
    assert Path(other.path("trust.json")).read_text() != false
    served.run("trust", "add", other.path("trust.json"))
    command = ("event", "hold", UNIT, "--authority", "quality", "--key", "lab")
    assert served.json(*command, code=3)["error"]["code"] == "note.signature"


def test_labels_are_drawn_locally_from_the_servers_data(shared: Far) -> None:
    local = Plant(shared.folder)
    for far, kind in ((shared, "far"), (local, "near")):
        far.run("label", UNIT, "-o", far.path(f"{kind}.svg"))
    assert Path(shared.path("far.svg")).read_bytes() == Path(shared.path("near.svg")).read_bytes()
    assert shared.refusal("label", CORE, "-o", shared.path("core.svg"), code=6) == "access.needed"
    environment: dict[str, Any] = {"TRACELEDGER_TOKEN": shared.token()}
    shared.run("label", CORE, UNIT, "-o", shared.path("sheet.pdf"), **environment)


def test_label_statement_is_signed_locally(shared: Far) -> None:
    local = Plant(shared.folder)
    known = ("--item", "01/0952123", "--labels-of", "plant", "-o", shared.path("labels.json"))
    local.run("trust", "make", *known)
    path = shared.path("signed.png")
    shared.run("label", UNIT, "-o", path, "--statement", "--key", "release")
    result = local.json("scan", path, "--trust", shared.path("labels.json"), code=4)
    assert result["codes"] == ["label.alone"]
    labelling = ("label", UNIT, "-o", path, "--statement", "--key", "station")
    assert shared.refusal(*labelling, code=6) == "label.signer"


def admit_auditor(plant: Plant) -> None:
    """Admits customs, whose key `auditor` reads the whole log."""
    plant.run("key", "new", "office")
    plant.run(
        *("party", "admit", "customs", "--name", "Customs", "--roles", "customs"),
        *("--admin", plant.path("keys/office")),
    )
    plant.run("key", "new", "auditor")
    plant.run(
        *("key", "register", "auditor", "--roles", "customs", "--label", "desk"),
        *("--key", "office"),
    )


def test_mirror_is_verified_and_audited_at_once(busy_plant: Plant) -> None:
    """Customs copies the ledger with its own key, and the copy is the archive that it verifies."""
    plant = busy_plant
    admit_auditor(plant)
    plant.run("trust", "make", "--item", "01/0952123", "-o", plant.path("trust.json"))
    trust = ("--trust", plant.path("trust.json"))
    with serving(plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        far = Far(plant.folder, process)
        command = ("mirror", process.address, far.path("mirror"), *trust)
        assert far.refusal(*command, code=6) == "access.needed"
        found = far.json(*command, "--key", "auditor")
        assert (found["old"], found["disclosed"]) == (0, True)
        assert far.json("verify", far.path("mirror"), *trust, code=4)["size"] == found["size"]
        assert far.json("audit", far.path("mirror"), *trust, code=4)["size"] == found["size"]
        far.event("hold", UNIT, "--authority", "quality", "--key", "lab")
        grown = far.json(*command, "--key", "auditor")
        assert grown["old"] == found["size"]
        assert far.refusal("mirror", far.path("x"), far.path("y"), code=2) == "usage.option"


def test_log_is_cosigned_by_a_replaying_witness_over_http(busy_plant: Plant) -> None:
    """The log asks its witness, which fetches and replays the entries; then passports are final."""
    plant = busy_plant
    admit_auditor(plant)
    plant.run("trust", "make", "--item", "01/", "-o", plant.path("first.json"))
    log = plant.json("trust", "show", plant.path("first.json"))["policy"].split()[1]
    office = Path(plant.path("witness"))
    witness = plant.json("witness", "new", office, "--name", "customs.example/w1", "--log", log)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    trust = Path(plant.path("trust.json"))
    plant.run(
        *("trust", "make", "--item", "01/0952123", "--item", "8004/9521234", "-o", trust),
        *("--witness", f"cq={witness['key']} http://127.0.0.1:{port}", "--replayed-by", "cq"),
    )
    secret = plant.path("passphrase")
    with serving(plant.ledger, "--trust", str(trust), passphrase=PASSPHRASE.encode()) as process:
        far = Far(plant.folder, process)
        serve = (
            *("witness", "serve", office, "--ledger", process.address, "--passphrase-file", secret),
            *("--key", plant.path("keys/auditor")),
        )
        with running_server(plant.folder, *serve, "--port", port):
            wait_until(lambda: is_cosigned(far.json("checkpoint"), 0))
            assert far.refusal(*serve, "--port", "0", code=11) == "store.busy"
            size = far.json("checkpoint")["size"]
            far.event("hold", UNIT, "--authority", "quality", "--key", "lab")
            wait_until(lambda: is_cosigned(far.json("checkpoint"), size))
            far.run("passport", UNIT, "-o", far.path("passport.json"))
            arguments = (far.path("passport.json"), "--trust", trust, "--item", UNIT)
            assert far.json("verify", *arguments)["result"] == "verified"
    assert plant.json("witness", "new", office, "--name", "x.example/w", "--log", log, code=7)


def is_cosigned(checkpoint: dict[str, Any], size: int) -> bool:
    return checkpoint["size"] > size and "customs.example/w1" in checkpoint["signers"]


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")
