from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.plant import CORE, UNIT, Plant, cosign
from tests.passports import Log, verify
from tests.world import World
from traceledger.verify import RefusedError, describe_result, verify_passport
from traceledger_cli.texts.passport_verdict import render_verdict

CORE_2 = "8004/9521234C000002"
OTHER = "01/09521234543213/21/7KQ2X4PM9ATRWD"


def verifying(plant: Plant, *more: str, item: str = UNIT) -> tuple[str, ...]:
    passport, trust = plant.path("passport.json"), plant.path("trust.json")
    return ("verify", passport, "--trust", trust, "--item", item, *more)


def test_verified_passport_exits_with_0_and_lists_what_was_checked(watched: Plant) -> None:
    text = watched.run(*verifying(watched)).stdout
    assert "VERIFIED" in text
    for section in ("What was checked", "What was not checked", "Who signed"):
        assert section in text
    assert "approved and packed" in text
    assert "雨翔 Yuxiang" in text
    assert "cosigned by  cq" in text


def test_json_is_the_report_of_the_library(watched: Plant) -> None:
    found = watched.json(*verifying(watched))
    passport = (watched.folder / "passport.json").read_bytes()
    trust = (watched.folder / "trust.json").read_bytes()
    verdict = verify_passport(passport, trust, UNIT, now=found["as_of"])
    assert found == json.loads(json.dumps(describe_result(verdict)))


def test_item_may_be_the_address_on_the_label(watched: Plant) -> None:
    watched.run(*verifying(watched, item=f"https://id.example/{UNIT}"))


def test_item_is_never_taken_from_the_passport(watched: Plant) -> None:
    assert watched.refusal(*verifying(watched)[:4], code=2) == "usage.option"
    found = watched.json(*verifying(watched, item=OTHER), code=3)
    assert (found["result"], found["codes"]) == ("refused", ["passport.item"])


def test_trust_file_from_the_ledger_itself_is_never_enough(watched: Plant) -> None:
    found = watched.json(*verifying(watched, "--first-use"), code=4)
    assert (found["result"], found["codes"]) == ("incomplete", ["trust.first-use"])


def test_result_without_witnesses_is_incomplete_with_the_reason(watched: Plant) -> None:
    first = ("--trust", watched.path("first.json"))
    command = ("verify", watched.path("passport.json"), "--item", UNIT, *first)
    assert watched.json(*command, code=4)["codes"] == ["quorum.none", "replay.missing"]
    watched.run("passport", UNIT, *first, "-o", watched.path("passport.json"))
    text = watched.run(*command, code=4).stdout
    assert "INCOMPLETE" in text
    assert "[quorum.none]" in text


def test_recall_is_shown_before_everything_else(watched: Plant) -> None:
    watched.run(
        *("recall", UNIT, "--campaign", "RC-1", "--criteria", "batch", "--severity", "high"),
        *("--action", "stop_use", "--contact", "recall desk", "--key", "release", "--yes"),
    )
    since = int(watched.json("checkpoint", "--dry-run")["size"])
    watched.run("checkpoint")
    cosign(watched, since=since)
    watched.run("passport", UNIT, "-o", watched.path("passport.json"))
    lines = watched.run(*verifying(watched)).stdout.splitlines()
    assert lines[2].startswith(f"DO NOT USE, RECALLED: {UNIT}")
    assert "do not use it; contact recall desk" in lines[3]
    assert watched.json(*verifying(watched))["overlays"] == ["recalled"]


def test_changed_and_truncated_passports_are_refused(watched: Plant) -> None:
    file = watched.folder / "passport.json"
    whole = file.read_bytes()
    for place in range(0, len(whole), 997):
        changed = bytearray(whole)
        changed[place] ^= 1
        for data in (bytes(changed), whole[:place]):
            file.write_bytes(data)
            # What does not even begin like a passport is no passport, and says nothing of one.
            code, result = (3, "refused") if data.startswith(b"{") else (2, "unchecked")
            found = watched.json(*verifying(watched), code=code)
            assert found["result"] == result
            assert found["hint"]


def test_refusal_is_explained_in_plain_words(watched: Plant) -> None:
    file = watched.folder / "passport.json"
    file.write_bytes(file.read_bytes().replace(b"ledger.example", b"ledger.exbmple", 1))
    result = watched.run(*verifying(watched), code=3)
    assert "REFUSED" in result.stdout
    assert "Do not rely on this record" in result.stdout
    assert "What to do: " in result.stdout


def test_unreadable_trust_file_says_nothing_about_the_record(watched: Plant) -> None:
    trust = watched.folder / "trust.json"
    whole = trust.read_bytes()
    for data, code in (
        (b"{}", "trust.form"),
        (whole[:-9], "trust.form"),
        (b"\xef\xbb\xbf" + whole, "file.format"),
        (whole.decode().encode("utf-16"), "file.format"),
        (b"<!doctype html>", "file.format"),
        (b"", "file.format"),
    ):
        trust.write_bytes(data)
        found = watched.json(*verifying(watched), code=2)
        assert (found["result"], found["codes"]) == ("unchecked", [code])
        assert str(trust) in watched.run(*verifying(watched), code=2).stdout


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!doctype html><title>Log in</title>", "an HTML or XML page"),
        (b"PK\x03\x04 cut off", "a zip that is cut off or damaged"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        (b"", "empty"),
        (b"hello", "in another format"),
    ],
)
def test_file_of_another_kind_is_named_and_not_refused(
    watched: Plant, data: bytes, kind: str
) -> None:
    """An auditor with a wrong or damaged download must not be told to distrust the record."""
    file = watched.folder / "passport.json"
    file.write_bytes(data)
    found = watched.json(*verifying(watched), code=2)
    assert (found["result"], found["codes"]) == ("unchecked", ["file.format"])
    assert found["message"] == f"{file} is {kind}, not a passport"
    without_item = ("verify", str(file), "--trust", watched.path("trust.json"))
    assert watched.refusal(*without_item, code=2) == "file.format"


def test_stored_trust_file_is_found_by_origin(watched: Plant) -> None:
    command = ("verify", watched.path("passport.json"), "--item", UNIT)
    assert watched.refusal(*command, code=5) == "trust.unknown"
    watched.run("trust", "add", watched.path("trust.json"))
    watched.run(*command)
    (watched.folder / "passport.json").write_bytes(b"{}")
    assert watched.json(*command, code=3)["codes"] == ["passport.form"]


def test_passport_is_read_from_stdin(watched: Plant) -> None:
    data = (watched.folder / "passport.json").read_bytes()
    trust = watched.path("trust.json")
    watched.run("verify", "-", "--trust", trust, "--item", UNIT, stdin=data)


def test_passport_of_a_consumed_core_shows_its_state(watched: Plant) -> None:
    watched.run("passport", CORE, "-o", watched.path("passport.json"))
    text = watched.run(*verifying(watched, item=CORE)).stdout
    assert "built into a unit" in text


def test_refused_error_is_never_an_accepted_verdict(watched: Plant) -> None:
    passport = (watched.folder / "passport.json").read_bytes()
    trust = (watched.folder / "trust.json").read_bytes()
    with pytest.raises(RefusedError):
        render_verdict(verify_passport(passport, trust, OTHER, now=2_000_000_000))


def test_verdict_names_a_recall_that_could_not_be_judged_and_excepts_what_is_disputed() -> None:
    """The text must neither pass over a recall nor call a stolen key valid."""
    world = World()
    unit = world.unit("EXPORTED")
    log = Log(world)
    key = f"key/{log.actors['operator'].signer.key.kid}"
    since = {"reason": "compromised", "compromised_since": 0}
    log.add("revoke_key", key, since, by="plant admin")

    def text() -> str:
        return " ".join(render_verdict(verify(log.passport(unit), log.trust(), unit)).split())

    assert "obeys the rules, except those disputed above." in text()
    log.add("endorse", "party/plant", by="root")
    log.add("recall", unit, by="quality")
    assert f"NOT JUDGED: this version cannot judge whether a recall of {unit} is in force" in text()
    assert "obeys the rules, except those disputed above or listed below." in text()


def test_trust_add_replaces_another_file_only_on_demand(watched: Plant) -> None:
    watched.run("trust", "add", watched.path("trust.json"), "--dry-run")
    assert watched.run("trust", "show").stdout == "No trust file is stored yet.\n"
    watched.run("trust", "add", watched.path("trust.json"))
    watched.run("trust", "add", watched.path("trust.json"))
    assert watched.refusal("trust", "add", watched.path("first.json"), code=7) == "trust.other"
    watched.run("trust", "add", watched.path("first.json"), "--replace")
    (stored,) = watched.json("trust", "show")["trust"]
    shown = watched.json("trust", "show", watched.path("first.json"))
    assert stored == {"origin": "ledger.example/cq-1", "fingerprint": shown["fingerprint"]}


def test_trust_show_prints_the_fingerprint_as_text_and_symbol(watched: Plant) -> None:
    shown = watched.run("trust", "show", watched.path("trust.json"), "--qr").stdout
    fingerprint = watched.json("trust", "show", watched.path("trust.json"))["fingerprint"]
    assert fingerprint in shown
    assert "customs.example/w1+" in shown
    assert "▀" in shown


def test_trust_make_refuses_invalid_values(watched: Plant) -> None:
    make = ("trust", "make", "-o", watched.path("t.json"))
    assert watched.refusal(*make, code=2) == "usage.option"
    assert watched.refusal(*make, "--item", "party/", code=2) == "trust.form"
    unknown = (*make, "--item", "01/", "--replayed-by", "nobody")
    assert watched.refusal(*unknown, code=2) == "trust.form"
    assert watched.refusal(*make, "--item", "01/", "--customs", "nobody", code=5) == "item.unknown"
    assert not (watched.folder / "t.json").exists()


def test_trust_make_accepts_a_policy(watched: Plant) -> None:
    policy = watched.json("trust", "show", watched.path("trust.json"))["policy"]
    (watched.folder / "policy").write_text(policy)
    make = (
        *("trust", "make", "--policy", watched.path("policy"), "--item", "01/0952123"),
        *("--item", "8004/9521234", "-o", watched.path("t.json")),
    )
    assert "at best incomplete" in watched.run(*make).stderr
    assert "incomplete" not in watched.run(*make, "--replayed-by", "cq").stderr
    written = (watched.folder / "t.json").read_bytes()
    assert written == (watched.folder / "trust.json").read_bytes()


def test_witness_answers_a_repeated_request(watched: Plant) -> None:
    request = ("witness", "cosign", watched.path("witness"), watched.path("request-0"))
    assert watched.run(*request).stdout.startswith("— customs.example/w1 ")


def test_witness_cosigns_only_an_extension_of_what_it_cosigned(watched: Plant) -> None:
    watched.run("hold", CORE, "--authority", "quality", "--key", "lab")
    watched.run("checkpoint")
    watched.run("witness", "request", watched.path("next"), "--since", "0")
    request = ("witness", "cosign", watched.path("witness"), watched.path("next"))
    assert watched.refusal(*request, code=7) == "witness.size"


def test_witness_dry_run_leaves_its_memory_unchanged(watched: Plant) -> None:
    watched.run("hold", CORE, "--authority", "quality", "--key", "lab")
    size = int(watched.json("checkpoint", "--dry-run")["size"])
    watched.run("checkpoint")
    watched.run("witness", "request", watched.path("next"), "--since", str(size))
    memory = (watched.folder / "witness" / "memory").read_bytes()
    request = ("witness", "cosign", watched.path("witness"), watched.path("next"))
    assert watched.json(*request, "--dry-run")["replayed"] is True
    assert (watched.folder / "witness" / "memory").read_bytes() == memory
    answer = watched.run(*request).stdout
    assert answer.startswith("— customs.example/w1 ")


def test_witness_refuses_a_request_with_a_changed_entry(watched: Plant) -> None:
    watched.run("hold", CORE, "--authority", "quality", "--key", "lab")
    size = int(watched.json("checkpoint", "--dry-run")["size"])
    watched.run("checkpoint")
    watched.run("witness", "request", watched.path("next"), "--since", str(size))
    (bundle,) = [p for p in (watched.folder / "next" / "tile").rglob("*") if p.is_file()]
    data = bytearray(bundle.read_bytes())
    data[-200] ^= 1
    bundle.write_bytes(data)
    memory = (watched.folder / "witness" / "memory").read_bytes()
    request = ("witness", "cosign", watched.path("witness"), watched.path("next"))
    watched.run(*request, code=3)
    assert (watched.folder / "witness" / "memory").read_bytes() == memory


def test_witness_says_fork_and_keeps_both_checkpoints(watched: Plant, tmp_path: Path) -> None:
    """Two histories of one log are the gravest fault that a witness can find."""
    other = Plant(tmp_path / "other")
    shutil.copytree(watched.folder, other.folder)
    for plant, reason in ((watched, "one"), (other, "two")):
        plant.run("hold", CORE, "--authority", "quality", "--reason", reason, "--key", "lab")
        size = str(plant.json("checkpoint", "--dry-run")["size"])
        plant.run("checkpoint")
        plant.run("witness", "request", plant.path("next"), "--since", size)
    cosigning = ("witness", "cosign", watched.path("witness"))
    watched.run(*cosigning, watched.path("next"), "-o", watched.path("answer-1"))
    memory = (watched.folder / "witness" / "memory").read_bytes()
    evidence = watched.folder / "witness" / "evidence"
    assert watched.json(*cosigning, other.path("next"), "--dry-run", code=3)["result"] == "fork"
    assert not evidence.exists()
    evidence.write_bytes(b"")  # no folder can be created here, as on a full disk
    unkept = watched.run(*cosigning, other.path("next"), code=3)
    assert ("FORK" in unkept.stdout, "not kept" in unkept.stderr) == (True, True)
    evidence.unlink()
    found = watched.json(*cosigning, other.path("next"), code=3)
    assert (found["result"], found["codes"]) == ("fork", ["witness.fork"])
    assert "FORK" in watched.run(*cosigning, other.path("next"), code=3).stdout
    assert (watched.folder / "witness" / "memory").read_bytes() == memory
    (kept,) = evidence.iterdir()
    assert found["evidence"] == str(kept)
    pair = (str(kept / "cosigned"), str(kept / "shown"))
    trust = ("--trust", watched.path("trust.json"))
    assert watched.json("verify", "--fork", *pair, *trust, code=3)["result"] == "fork"


def test_append_only_cosigning_reports_that_nothing_was_replayed(watched: Plant) -> None:
    log = watched.json("trust", "show", watched.path("trust.json"))["policy"].split()[1]
    new = ("witness", "new", watched.path("port"), "--name", "port.example/w1", "--log", log)
    watched.run(*new, "--dry-run")
    assert not (watched.folder / "port").exists()
    watched.run(*new)
    assert watched.refusal(*new, code=7) == "witness.exists"
    done = watched.json(
        *("witness", "cosign", watched.path("port"), watched.path("request-0")),
        *("--append-only", "-o", watched.path("port-answer")),
    )
    assert done["replayed"] is False


def test_witness_refuses_a_log_that_breaks_a_receipt(watched: Plant) -> None:
    receipt = ("hold", CORE, "--authority", "quality", "--key", "lab")
    promised = watched.json(*receipt)["receipt"]
    (watched.folder / "receipt").write_text(promised)
    log = watched.json("trust", "show", watched.path("trust.json"))["policy"].split()[1]
    watched.run("witness", "new", watched.path("own"), "--name", "own.example/w1", "--log", log)
    cosigning = ("witness", "cosign", watched.path("own"), watched.path("request-0"))
    late = (*cosigning, "--receipt", watched.path("receipt"))
    assert watched.refusal(*late, code=3) == "witness.receipt"
    assert watched.refusal(*late, "--append-only", code=2) == "usage.option"
    kept = watched.folder / "own" / "receipts" / "hold"
    kept.parent.mkdir()
    shutil.copy(watched.path("receipt"), kept)
    watched.run(*cosigning, "--dry-run")  # the log has an hour to publish the event
    os.utime(kept, (0, 0))
    assert watched.refusal(*cosigning, code=3) == "witness.receipt"


def test_cosignature_of_an_unknown_witness_is_refused(watched: Plant) -> None:
    log = watched.json("trust", "show", watched.path("trust.json"))["policy"].split()[1]
    watched.run("witness", "new", watched.path("own"), "--name", "own.example/w1", "--log", log)
    answer = watched.path("own-answer")
    watched.run("witness", "cosign", watched.path("own"), watched.path("request-0"), "-o", answer)
    adding = ("checkpoint", "--add-cosignature", answer, "--trust", watched.path("trust.json"))
    assert watched.refusal(*adding, code=2) == "witness.unknown"
    assert watched.refusal(*adding[:3], code=2) == "usage.option"


def test_answer_with_lines_of_other_keys_keeps_its_good_line(watched: Plant) -> None:
    """C2SP: lines of unknown keys are ignored, such as ML-DSA or those of another witness."""
    answer = watched.folder / "answer"  # as the witness wrote it
    good = answer.read_bytes()
    other = base64.b64encode(b"\x06key" + bytes(2428)).decode()
    strange = f"\u2014 pq.example/w {other}\n".encode()
    answer.write_bytes(strange + good + strange)
    adding = ("checkpoint", "--add-cosignature", str(answer), "--trust", watched.path("trust.json"))
    assert good.decode() in watched.json(*adding)["note"]
    answer.write_bytes(strange)
    assert watched.refusal(*adding, code=2) == "witness.unknown"


def test_cosignature_is_added_beside_a_writer_and_after_the_log_has_grown(watched: Plant) -> None:
    requested = watched.json("checkpoint")["size"]
    watched.run("hold", CORE_2, "--authority", "quality", "--key", "lab")
    assert watched.json("checkpoint")["size"] > requested
    answer = watched.path("late-answer")
    watched.run(
        *("witness", "cosign", watched.path("witness"), watched.path("request-0"), "-o", answer)
    )
    adding = ("checkpoint", "--add-cosignature", answer, "--trust", watched.path("trust.json"))
    with (watched.ledger / "ledger.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        added = watched.json(*adding)
    assert added["size"] == requested
    assert (watched.folder / "late-answer").read_text() in added["note"]


def test_passport_is_final_until_its_item_changes(watched: Plant) -> None:
    def verdict(code: int = 0) -> dict[str, Any]:
        passport, trust = watched.path("now.json"), watched.path("trust.json")
        watched.run("passport", UNIT, "--trust", trust, "-o", passport)
        return watched.json("verify", passport, "--trust", trust, "--item", UNIT, code=code)

    final = verdict()
    assert final["result"] == "verified"
    watched.run("hold", CORE_2, "--authority", "quality", "--key", "lab")
    watched.run("checkpoint")
    assert verdict() == final
    watched.run("hold", UNIT, "--authority", "quality", "--key", "lab")
    watched.run("checkpoint")
    held = verdict(4)
    assert (held["result"], held["overlays"]) == ("incomplete", ["hold_quality"])
    assert "quorum.missing" in held["codes"]
    cosign(watched, since=final["size"])
    assert verdict()["result"] == "verified"
