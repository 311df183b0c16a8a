from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from tests.cli.plant import PASSPHRASE, Plant

FOUND = ("--origin", "ledger.example/cq-1", "--url", "https://id.example", "--name", "A ledger")


@pytest.fixture
def empty(tmp_path: Path) -> Plant:
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")
    return Plant(tmp_path)


def test_init_founds_a_published_ledger_with_encrypted_keys(empty: Plant) -> None:
    found = empty.json("init", empty.ledger, *FOUND)
    assert (found["origin"], found["size"]) == ("ledger.example/cq-1", 2)
    assert (empty.ledger / "checkpoint").read_text().startswith("ledger.example/cq-1\n2\n")
    for name in ("log", "root"):
        key = empty.ledger / "keys" / f"{name}.pem"
        assert key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_dry_run_of_init_writes_nothing(empty: Plant) -> None:
    empty.run("init", empty.ledger, *FOUND, "--dry-run")
    assert [path.name for path in empty.folder.iterdir()] == ["passphrase"]


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--origin", "two words", "ledger.origin"),
        ("--url", "ftp://id.example", "link.form"),
        ("--name", "", "event.field"),
    ],
)
def test_init_with_an_invalid_value_writes_nothing(
    empty: Plant, option: str, value: str, code: str
) -> None:
    given = list(FOUND)
    given[given.index(option) + 1] = value
    assert empty.refusal("init", empty.ledger, *given, code=2) == code
    assert [path.name for path in empty.folder.iterdir()] == ["passphrase"]


def test_init_refuses_a_folder_that_is_not_empty(empty: Plant) -> None:
    empty.ledger.mkdir()
    (empty.ledger / "mine").touch()
    assert empty.refusal("init", empty.ledger, *FOUND, code=7) == "store.exists"
    assert [path.name for path in empty.ledger.iterdir()] == ["mine"]


def test_empty_passphrase_is_refused(empty: Plant) -> None:
    (empty.folder / "passphrase").write_text("\n")
    assert empty.refusal("init", empty.ledger, *FOUND, code=2) == "key.passphrase"
    assert not empty.ledger.exists()


@pytest.mark.parametrize(
    "data",
    [f"\ufeff{PASSPHRASE}\n".encode(), PASSPHRASE.encode("utf-16"), f"{PASSPHRASE}\n\nx".encode()],
)
def test_ambiguous_passphrase_file_makes_no_key_but_opens_one(data: bytes, empty: Plant) -> None:
    """A key encrypted with an editor's byte order mark would never open again."""
    file = empty.folder / "passphrase"
    right = file.read_bytes()
    file.write_bytes(data)
    assert empty.refusal("init", empty.ledger, *FOUND, code=2) == "passphrase.form"
    assert not empty.ledger.exists()
    file.write_bytes(right)
    empty.run("init", empty.ledger, *FOUND)
    file.write_bytes(data)
    empty.run("checkpoint")


def test_wrong_passphrase_writes_nothing(plant: Plant) -> None:
    size = plant.entries()
    (plant.folder / "passphrase").write_text("wrong\n")
    for command in (
        ("checkpoint",),
        ("key", "revoke", "lab", "--reason", "lost", "--key", "admin"),
    ):
        assert plant.refusal(*command, code=2) == "key.passphrase"
    assert plant.entries() == size


def test_missing_passphrase_without_a_terminal_is_refused(plant: Plant) -> None:
    result = plant.run("checkpoint", code=2, TRACELEDGER_PASSPHRASE_FILE=None)
    assert "[usage.passphrase]" in result.stderr


def test_passphrase_is_read_from_a_systemd_credential(plant: Plant) -> None:
    credential = plant.folder / "traceledger-passphrase"
    credential.write_text(PASSPHRASE)
    folder = str(plant.folder)
    plant.run("checkpoint", TRACELEDGER_PASSPHRASE_FILE=None, CREDENTIALS_DIRECTORY=folder)


def test_terminal_prompts_for_the_passphrase_and_hides_it(plant: Plant) -> None:
    process, terminal, shown = plant.prompt("checkpoint")
    assert b"Passphrase" in shown
    os.write(terminal, f"{PASSPHRASE}\n".encode())
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.startswith(b"ledger.example/cq-1\n")
    assert PASSPHRASE.encode() not in os.read(terminal, 1000)
    os.close(terminal)


def test_keys_outside_the_ledger_can_have_a_different_passphrase(plant: Plant) -> None:
    (plant.folder / "own").write_text("another\n")
    own = ("--keys", plant.path("own-keys"), "--key-passphrase-file", plant.path("own"))
    plant.run("key", "new", "admin", *own)
    plant.run(
        *("party", "admit", "carrier", "--name", "Carrier", "--roles", "carrier"),
        *("--admin", "admin", *own),
    )
    plant.run("key", "new", "gate", *own)
    plant.run(
        *("key", "register", "gate", "--roles", "carrier", "--label", "gate", "--key", "admin"),
        *own,
    )
    keys = plant.json("key", "list", "--keys", plant.path("own-keys"))["keys"]
    assert [key["standing"] for key in keys] == ["party/carrier: admin", "party/carrier: carrier"]


def test_key_list_shows_the_role_of_each_key(plant: Plant) -> None:
    standing = {key["name"]: key["standing"] for key in plant.json("key", "list")["keys"]}
    assert standing["admin"] == "party/plant: admin"
    assert standing["station"] == "party/plant: operator"
    own = plant.json("key", "list", "--keys", plant.ledger / "keys")["keys"]
    assert [(key["name"], key["standing"]) for key in own] == [
        ("log", "signs checkpoints"),
        ("root", "root key"),
    ]


def test_key_is_never_overwritten(plant: Plant) -> None:
    before = (plant.folder / "keys" / "lab.pem").read_bytes()
    assert plant.refusal("key", "new", "lab", code=7) == "key.exists"
    assert (plant.folder / "keys" / "lab.pem").read_bytes() == before


def test_dry_run_of_key_new_writes_nothing(plant: Plant) -> None:
    plant.run("key", "new", "another", "--dry-run")
    assert not (plant.folder / "keys" / "another.pem").exists()
    assert plant.refusal("key", "new", "Not A Name", "--dry-run", code=2) == "key.name"


def test_key_export_writes_the_public_half_only(plant: Plant) -> None:
    exported = plant.run("key", "export", "lab").stdout
    assert json.loads(exported).keys() == {"crv", "kty", "x"}


def test_request_registers_a_key_stored_elsewhere(plant: Plant) -> None:
    away = ("--keys", plant.path("away"))
    plant.run("key", "new", "laboratory", *away)
    plant.run("key", "export", "laboratory", "--for", "key", *away, "-o", plant.path("q.json"))
    plant.run(
        *("key", "register", "--request", plant.path("q.json"), "--roles", "quality"),
        *("--label", "lab 2", "--key", "admin"),
    )
    (key,) = plant.json("key", "list", *away)["keys"]
    assert key["standing"] == "party/plant: quality"


def test_request_for_another_ledger_is_refused(plant: Plant) -> None:
    plant.run("key", "new", "other")
    plant.run(
        *("key", "export", "other", "--for", "key", "--origin", "ledger.example/other"),
        *("-o", plant.path("q.json")),
    )
    register = ("key", "register", "--request", plant.path("q.json"), "--roles", "operator")
    refusal = plant.refusal(*register, "--label", "x", "--key", "admin", code=6)
    assert refusal == "key.possession"


def test_events_by_a_revoked_key_are_refused(plant: Plant) -> None:
    plant.run("key", "revoke", "station", "--reason", "lost", "--key", "admin")
    receive = ("event", "receive", "8004/9521234C000001", "--result", "ok", "--condition", "good")
    plant.run(*receive, "--key", "station", code=6)
    standing = {key["name"]: key["standing"] for key in plant.json("key", "list")["keys"]}
    assert standing["station"] == "party/plant: ended"


def test_lost_key_is_found_by_its_label_and_revoked(plant: Plant) -> None:
    """Whoever lost the file has neither its name nor its id, and several keys have one role."""
    keys = plant.json("key", "list")["keys"]
    kid = next(key["kid"] for key in keys if key["name"] == "station")
    for file in (plant.folder / "keys").glob("station.*"):
        file.unlink()
    revoke = ("--reason", "lost", "--key", "admin")
    assert plant.refusal("key", "revoke", "station", *revoke, code=5) == "key.missing"
    assert "party show" in plant.run("key", "revoke", "station", *revoke, code=5).stderr
    text = plant.run("party", "show", "plant").stdout
    assert re.search(rf"{kid} +operator +station$", text, re.MULTILINE)
    plant.run("key", "revoke", kid, *revoke)
    keys = plant.json("party", "show", "plant")["keys"]
    assert [key["label"] for key in keys if key["ended"]] == ["station"]


def test_party_list_and_show(plant: Plant) -> None:
    (party,) = plant.json("party", "list")["parties"]
    assert (party["party"], party["name"]) == ("party/plant", "雨翔 Yuxiang")
    shown = plant.json("party", "show", "plant")
    assert len(shown["keys"]) == 4
    assert plant.refusal("party", "show", "nobody", code=5) == "item.unknown"


def test_only_root_admits_parties(plant: Plant) -> None:
    admit = ("party", "admit", "x", "--name", "X", "--roles", "operator", "--admin", "lab")
    assert plant.refusal(*admit, "--key", "admin", code=6) == "key.role"


def test_unknown_role_is_reported_with_the_known_ones(plant: Plant) -> None:
    admit = ("party", "admit", "x", "--name", "X", "--roles", "boss", "--admin", "lab")
    error = plant.json(*admit, code=2)["error"]
    assert error["code"] == "event.field"
    assert "boss" in error["message"]
    assert "operator" in error["message"]


def test_root_key_is_replaced(plant: Plant) -> None:
    """After a rotation the old key must be worthless and the new one must be found by itself."""
    keys = str(plant.ledger / "keys")

    def roots() -> list[str]:
        found = plant.json("key", "list", "--keys", keys)["keys"]
        return [key["name"] for key in found if key["standing"] == "root key"]

    plant.run("key", "new", "root-2", "--keys", keys)
    rotate = ("key", "rotate-root", "root-2", "--keys", keys)
    plant.run(*rotate, "--dry-run")
    assert roots() == ["root"]
    plant.run(*rotate)
    assert roots() == ["root-2"]
    plant.run("key", "new", "guest-admin")
    admit = (
        *("party", "admit", "guest", "--name", "Guest", "--roles", "observer"),
        *("--admin", plant.path("keys/guest-admin")),
    )
    old = ("--key", str(plant.ledger / "keys" / "root"))
    assert plant.refusal(*admit, *old, code=5) == "key.unregistered"
    plant.run(*admit)


def test_root_key_is_replaced_by_request(plant: Plant) -> None:
    """The new private key never has to be on the machine of the ledger."""
    plant.run("key", "new", "root-2", "--keys", plant.path("offline"))
    request = plant.path("request.json")
    export = ("key", "export", "root-2", "--keys", plant.path("offline"), "-o", request)
    plant.run(*export, "--for", "party/plant")
    assert plant.refusal("key", "rotate-root", "--request", request, code=2) == "usage.option"
    plant.run(*export, "--for", "ledger")
    plant.run("key", "rotate-root", "--request", request)
    state = plant.json("key", "list", "--keys", plant.path("offline"))["keys"]
    assert [key["standing"] for key in state] == ["root key"]
    again = plant.refusal("key", "rotate-root", "--request", request, code=5)
    assert again == "key.unregistered"
