"""Beginners' mistakes: each refusal states what is wrong, where, and what to do."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.cli.plant import CORE, UNIT, Plant
from tests.world import make_signer
from traceledger.formats.trust import LabelKey, RetiredKey, format_trust, parse_trust
from traceledger.formats.vkey import format_vkey

PACK = ("event", "pack", UNIT, "--label-text", "R", "--remanufacturer", "P", "--batch", "1")
ASSEMBLE = (
    *("event", "assemble", "01/09521234543213/21/NEW", "--part-no", "X", "--input-count", "1"),
    *("--net-kg", "1", "--ref", f"input={CORE}", "--key", "station"),
)


def message(plant: Plant, *command: str, code: int, stdin: bytes = b"") -> str:
    """Returns the error as a person reads it."""
    return plant.run(*command, code=code, stdin=stdin).stderr


def test_wrong_passphrase_names_the_key_file(plant: Plant) -> None:
    (plant.folder / "wrong").write_text("wrong")
    command = (*PACK, "--key", "station", "--passphrase-file", plant.path("wrong"))
    assert plant.path("keys/station.pem") in message(plant, *command, code=2)


def test_invalid_date_is_quoted_as_given(busy_plant: Plant) -> None:
    error = message(busy_plant, *ASSEMBLE, "--production-date", "2025-02-30", code=2)
    assert 'production_date: "2025-02-30" is not a calendar date' in error
    assert "as YYYY-MM-DD" in error


def test_unknown_item_is_reported_as_unknown(plant: Plant) -> None:
    command = ("event", "receive", "8004/9521234C9", "--result", "ok", "--condition", "x")
    error = message(plant, *command, "--key", "station", code=6)
    assert "8004/9521234C9 is not in the ledger; receive is never a first event" in error


@pytest.mark.parametrize("text", ["85 USD", "1" * 5_000])
def test_value_that_is_not_json_is_refused(plant: Plant, text: str) -> None:
    command = ("event", "import", "8004/9521234C9", "--unit-value", text)
    assert plant.refusal(*command, code=2) == "usage.option"


def test_wrong_file_is_reported_with_the_expected_format(watched: Plant) -> None:
    trust, passport = watched.path("trust.json"), watched.path("passport.json")
    error = message(watched, "trust", "show", passport, code=2)
    assert "A trust file does not follow the format: Object contains unknown field" in error
    verified = watched.run("verify", trust, "--trust", trust, "--item", UNIT, code=3)
    assert "A passport does not follow the format: Object contains" in verified.stdout


def test_control_characters_in_untrusted_files_are_escaped(watched: Plant) -> None:
    odd = (watched.folder / "trust.json").read_text()
    name = "cq\x9b2J\u202e"  # a terminal control sequence, and a change of direction
    for before, after in [("witness cq", "witness "), ("quorum cq", "quorum ")]:
        odd = odd.replace(before, after + name)
    odd = odd.replace('"replayed_by":"cq"', f'"replayed_by":"{name}"')
    (watched.folder / "odd.json").write_text(odd)
    trust = ("--trust", watched.path("odd.json"))
    for command in (
        ("trust", "show", watched.path("odd.json")),
        ("verify", watched.path("passport.json"), "--item", UNIT, *trust),
    ):
        shown = watched.run(*command).stdout
        assert r"cq\u009b2J\u202e" in shown
        assert "\x9b" not in shown
        assert "\u202e" not in shown


def test_trust_file_is_shown_with_replaced_keys_and_label_keys(
    watched: Plant,
) -> None:
    trust = parse_trust((watched.folder / "trust.json").read_bytes())
    old = RetiredKey(format_vkey(trust.policy.witnesses[0].key), 7, bytes(32))
    label = LabelKey(make_signer("x").key.jwk, "party/plant")
    (watched.folder / "old.json").write_bytes(
        format_trust(replace(trust, until=(old,), label_keys=(label,)))
    )
    shown = watched.run("trust", "show", watched.path("old.json")).stdout
    assert f"{old.key}, valid up to size 7" in shown
    assert f"party/plant  {label.jwk.kid}" in shown


def test_passport_without_an_item_points_to_the_label(watched: Plant) -> None:
    error = message(watched, "verify", watched.path("passport.json"), code=2)
    assert "Add --item with the id or the address on the part's label." in error


def test_folder_of_a_ledger_is_not_refused_as_a_damaged_archive(watched: Plant) -> None:
    command = ("verify", str(watched.ledger), "--trust", watched.path("trust.json"))
    assert watched.refusal(*command, code=2) == "usage.option"
    assert "traceledger export" in message(watched, *command, code=2)


@pytest.mark.parametrize("option", [("--life", "EXPORTD"), ("--chain", "unti")])
def test_misspelt_state_is_refused(busy_plant: Plant, option: tuple[str, str]) -> None:
    assert option[1] in message(busy_plant, "show", *option, code=2)
    where = f"{option[0].removeprefix('--')}={option[1]}"
    hold = ("hold", "--where", where, "--authority", "quality", "--key", "lab")
    assert busy_plant.refusal(*hold, code=2) == "selection.field"


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        (("verfy",), "verify"),
        (("key", "regster"), "register"),
        (("event", "inspct", CORE), "inspect"),
        (("event", "inspect", CORE, "--grad", "A"), "--grade"),
        (("event", "inspect", CORE, "--grade", "A", "--key", "statoin"), "station"),
    ],
)
def test_misspelt_name_gets_a_suggestion(
    command: tuple[str, ...], meant: str, plant: Plant
) -> None:
    code = 5 if "statoin" in command else 2
    error = plant.json(*command, code=code)["error"]
    assert meant in error["message"]
    assert "id you mean" in error["message"]


@pytest.mark.parametrize("kind", ["pipe", "huge"])
def test_wrong_kind_of_file_is_refused_at_once(kind: str, watched: Plant) -> None:
    """A pipe must not block a command, and a huge file must not fill the memory."""
    path = watched.folder / "wrong"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        with path.open("wb") as handle:
            handle.truncate(3 << 30)
    code = "file.kind" if kind == "pipe" else "file.size"
    trust = ("--trust", watched.path("trust.json"))
    for command in (
        ("verify", str(path), *trust, "--item", UNIT),
        ("trust", "show", str(path)),
        ("append", str(path), "--key", "station"),
        ("checkpoint", "--add-cosignature", str(path), *trust),
        ("import-manifest", str(path), "--category", "TCM", "--key", "import"),
        ("checkpoint", "--passphrase-file", str(path)),
        *([("label", UNIT, "-o", watched.path("l.png"), "--font", str(path))] * (kind == "pipe")),
    ):
        assert watched.refusal(*command, code=2) == code, command
    passport = ("verify", watched.path("passport.json"), "--item", UNIT)
    assert watched.json(*passport, "--trust", str(path), code=2)["codes"] == [code]


def test_name_of_a_witness_is_checked_before_any_passphrase(watched: Plant) -> None:
    log = watched.json("trust", "show", watched.path("trust.json"))["policy"].split()[1]
    new = ("witness", "new", watched.path("w2"), "--name", "a b", "--log", log)
    error = message(watched, *new, "--passphrase-file", watched.path("none"), code=2)
    assert "--name: 'a b' cannot be the name of a key" in error
    assert "customs.example/w1" in error


def test_answer_is_checked_by_a_dry_run_and_not_added(watched: Plant) -> None:
    adding = ("checkpoint", "--trust", watched.path("trust.json"), "--dry-run")
    (watched.folder / "bad").write_bytes(b"not an answer")
    bad = (*adding, "--add-cosignature", watched.path("bad"))
    assert watched.refusal(*bad, code=2) == "note.form"
    watched.run("hold", CORE, "--authority", "quality", "--key", "lab")
    watched.run("checkpoint")
    watched.run("witness", "request", watched.path("next"))
    watched.run(
        *("witness", "cosign", watched.path("witness"), watched.path("request-0"), "-o"),
        watched.path("old-answer"),
    )
    answer = (watched.folder / "old-answer").read_text()
    old = (*adding, "--add-cosignature", watched.path("old-answer"))
    watched.run(*old)
    name, blob = answer.rstrip("\n").rsplit(" ", 1)
    false = f"{name} {blob[:40]}{'A' if blob[40] != 'A' else 'B'}{blob[41:]}\n"
    (watched.folder / "old-answer").write_text(false)
    assert watched.refusal(*old, code=3) == "note.signature"
