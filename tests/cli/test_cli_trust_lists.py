"""One key for many ledgers: an authority signs lists, and a reader accepts them by its key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.plant import UNIT, Plant
from tests.vectors.trust_lists import AUTHORITY, KEY, make_list, make_trust

NAME = "customs.example/ledgers"
STRANGER = "0000 0000 0000 0000 0000 0000 0000 0000"


@pytest.fixture
def office(watched: Plant) -> Plant:
    watched.run("key", "new", "authority", "--keys", watched.path("office"))
    return watched


def write_list(
    office: Plant, target: str, *more: str, files: tuple[str, ...] = ()
) -> dict[str, Any]:
    return office.json(
        *("trust", "list", office.path("trust.json"), *files, "-o", office.path(target)),
        *("--name", NAME, "--key", office.path("office/authority.pem"), "--days", "30", *more),
    )


def fingerprint_of(office: Plant, listed: Path) -> str:
    found: str = office.json("trust", "show", listed)["fingerprint"]
    return found


def test_one_key_verifies_the_parts_of_every_ledger_in_a_list(office: Plant) -> None:
    other = office.folder / "other.json"
    other.write_bytes(make_trust("ledger.example/cq-2", "01/09529999"))
    written = write_list(office, "list.json", files=(str(other),))
    key = written["fingerprint"]
    assert written["sequence"] == 1
    assert [ledger["origin"] for ledger in written["ledgers"]] == [
        "ledger.example/cq-1",
        "ledger.example/cq-2",
    ]
    listed = office.path("list.json")
    verify = ("verify", office.path("passport.json"), "--item", UNIT)
    assert office.refusal(*verify, code=5) == "trust.unknown"
    assert office.refusal("trust", "add", listed, code=2) == "usage.option"
    wrong = ("trust", "add", listed, "--fingerprint", STRANGER)
    assert office.refusal(*wrong, code=3) == "trust-list.key"
    assert office.refusal(*verify, code=5) == "trust.unknown"
    office.run("trust", "add", listed, "--fingerprint", key.upper().replace(" ", ":"))
    office.run(*verify)
    (stored,) = office.json("trust", "show")["lists"]
    assert (stored["name"], stored["fingerprint"], stored["sequence"]) == (NAME, key, 1)
    assert key in office.run("trust", "show").stdout
    assert key in office.run("trust", "show", listed).stdout
    foreign = ("verify", office.path("passport.json"), "--item", "01/09521234543213/21/OTHER")
    assert office.json(*foreign, code=3)["codes"] == ["passport.item"]
    unlisted = ("verify", office.path("passport.json"), "--item", "01/00000000000000/21/OTHER")
    assert office.refusal(*unlisted, code=5) == "trust-list.item"
    # A listed ledger must not speak for the items of another.
    claimed = ("verify", office.path("passport.json"), "--item", "01/09529999000019/21/OTHER")
    assert office.json(*claimed, code=3)["result"] == "refused"


def test_a_newer_list_of_the_same_key_replaces_the_stored_one(office: Plant) -> None:
    first, second = office.path("first-list.json"), office.path("second.json")
    key = write_list(office, "first-list.json")["fingerprint"]
    write_list(office, "second.json", "--after", first)
    assert office.refusal("trust", "update", second, code=5) == "trust-list.unknown"
    office.run("trust", "add", first, "--fingerprint", key)
    office.run("trust", "update", second, "--dry-run")
    assert office.json("trust", "show")["lists"][0]["sequence"] == 1
    office.run("trust", "update", second)
    office.run("trust", "update", second)
    assert office.json("trust", "show")["lists"][0]["sequence"] == 2
    assert office.refusal("trust", "update", first, code=3) == "trust-list.older"
    older = ("trust", "add", first, "--fingerprint", key)
    assert office.refusal(*older, code=3) == "trust-list.older"
    write_list(office, "fork.json", "--after", first, "--days", "29")
    assert office.refusal("trust", "update", office.path("fork.json"), code=3) == "trust-list.fork"
    data = Path(second).read_text().replace("8004/9521234", "8004/9521230")
    Path(second).write_text(data)
    assert office.refusal("trust", "update", second, code=3) == "trust-list.changed"


def test_a_list_of_the_same_name_by_another_key_is_not_taken_for_it(office: Plant) -> None:
    key = write_list(office, "list.json")["fingerprint"]
    office.run("trust", "add", office.path("list.json"), "--fingerprint", key)
    assert AUTHORITY.name == NAME
    other = office.folder / "other-list.json"
    now = int(time.time())
    other.write_text(make_list(lines=(9, now - 1, now + 1000)))
    assert office.refusal("trust", "update", other, code=3) == "trust-list.key"
    add = ("trust", "add", other, "--fingerprint", KEY)
    assert office.refusal(*add, code=7) == "trust-list.other"
    office.run(*add, "--replace")
    assert office.json("trust", "show")["lists"][0]["fingerprint"] == KEY


def test_an_expired_list_verifies_nothing(office: Plant) -> None:
    """A reader must not rely on keys that the authority may have withdrawn since."""
    listed = office.folder / "list.json"
    write_list(office, "list.json")
    office.run("trust", "add", listed, "--fingerprint", fingerprint_of(office, listed))
    (stored,) = (office.folder / "config/traceledger/trust-lists").iterdir()
    stored.write_text(make_list(lines=(1, 1000, 2000)))
    unlisted = make_list([make_trust("ledger.example/cq-9", "01/09529999")], lines=(1, 1000, 2000))
    (stored.parent / "other.json").write_text(unlisted)
    verify = ("verify", office.path("passport.json"), "--item", UNIT)
    assert office.refusal(*verify, code=2) == "trust-list.expired"
    office.run("trust", "add", office.path("trust.json"))
    office.run(*verify)
    trusted = ("verify", office.path("passport.json"), "--item", UNIT, "--trust", str(listed))
    found = office.json(*trusted, code=2)
    assert (found["result"], found["codes"]) == ("unchecked", ["file.format"])


def test_a_trust_file_is_stored_only_with_its_fingerprint(watched: Plant) -> None:
    trust = watched.path("trust.json")
    add = ("trust", "add", trust, "--fingerprint")
    assert watched.refusal(*add, STRANGER, code=3) == "trust.fingerprint"
    assert watched.refusal(*add, "12", code=2) == "trust.fingerprint"
    watched.run(*add, watched.json("trust", "show", trust)["fingerprint"])
