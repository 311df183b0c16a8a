"""Proof files: an auditor must be able to prove any event against witnessed checkpoints."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.process import serving
from tests.cli.plant import CORE, PASSPHRASE, UNIT, Plant, cosign
from tests.cli.test_cli_remote import Far
from traceledger.events.encoding import decode_base64url
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.proof import LogProof, parse_proof
from traceledger.formats.trust import parse_trust
from traceledger.ledger.keeping.home import Home
from traceledger.merkle.proofs import check_inclusion
from traceledger_api.proofs import prove_standing


def check(data: bytes, event: str) -> tuple[LogProof, int]:
    """Checks a proof file against its own checkpoint; returns it with the checkpoint's size."""
    proof = parse_proof(data)
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    leaf = decode_base64url(event.encode())
    check_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)
    return proof, checkpoint.size


def sizes(plant: Plant) -> tuple[int, int]:
    """Publishes without a cosignature; returns the cosigned and the newest size."""
    final = int(plant.json("checkpoint")["size"])
    plant.run("hold", CORE, "--authority", "quality", "--key", "lab")
    return final, int(plant.json("checkpoint")["size"])


def test_every_event_of_an_item_can_be_proven(busy_plant: Plant) -> None:
    for event in busy_plant.json("history", UNIT)["events"]:
        by_id = busy_plant.run("proof", event["event"]).stdout_bytes
        proof, _ = check(by_id, event["event"])
        assert proof.index == event["index"]
        assert busy_plant.run("proof", str(event["index"])).stdout_bytes == by_id


def test_event_id_may_begin_with_a_hyphen(busy_plant: Plant) -> None:
    """One id in 64 does, and it must not be taken for options."""
    for event in (f"-{'H' * 41}A", f"-o{'x' * 40}A"):
        assert busy_plant.refusal("proof", event, code=5) != "usage.option"


def test_proof_is_as_of_the_newest_final_checkpoint_of_a_busy_ledger(watched: Plant) -> None:
    """A proof as of a checkpoint without cosignatures proves nothing to its reader."""
    trust = ("--trust", watched.path("trust.json"))
    event = watched.json("show", UNIT)["event"]
    final, newest = sizes(watched)
    proof, size = check(watched.run("proof", event, *trust).stdout_bytes, event)
    assert size == final < newest
    names = [line.name for line in parse_note(proof.checkpoint).signatures]
    assert names == ["ledger.example/cq-1", "customs.example/w1"]
    assert check(watched.run("proof", event).stdout_bytes, event)[1] == newest
    late = watched.json("show", CORE)["event"]
    assert check(watched.run("proof", late, *trust).stdout_bytes, late)[1] == newest
    cosign(watched, since=final)
    assert check(watched.run("proof", event, *trust).stdout_bytes, event)[1] == newest


def test_proof_of_the_latest_event_is_final_too(watched: Plant) -> None:
    final, newest = sizes(watched)
    trust = parse_trust(Path(watched.path("trust.json")).read_bytes())
    with contextlib.closing(Home.open(watched.ledger).read(time.time)) as ledger:
        for item, size in ((UNIT, final), ("x/unit/none", final), (CORE, newest)):
            found = prove_standing(ledger, item, trust)
            assert parse_checkpoint(parse_note(found.checkpoint.encode()).text).size == size


def test_proof_is_written_to_a_file(busy_plant: Plant) -> None:
    event = busy_plant.json("show", UNIT)["event"]
    target = busy_plant.path("event.tlog-proof")
    assert busy_plant.json("proof", event, "-o", target) == {"written": target, "event": event}
    check(Path(target).read_bytes(), event)


def test_event_that_is_not_in_the_log_is_refused(busy_plant: Plant) -> None:
    assert busy_plant.refusal("proof", "A" * 43, code=5) == "event.unknown"
    assert busy_plant.refusal("proof", "999999", code=5) == "event.unknown"
    for wrong in ("A" * 42, "9" * 5_000, UNIT, "é"):
        assert busy_plant.refusal("proof", wrong, code=2) == "usage.option"
    busy_plant.run("hold", CORE, "--authority", "quality", "--key", "lab")
    event = busy_plant.json("show", CORE)["event"]
    assert busy_plant.refusal("proof", event, code=5) == "ledger.unpublished"


@pytest.fixture
def served(busy_plant: Plant) -> Iterator[Far]:
    with serving(busy_plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        yield Far(busy_plant.folder, process)


def test_server_proves_events_that_the_caller_may_read(served: Far) -> None:
    event = served.json("show", UNIT)["event"]
    check(served.run("proof", event).stdout_bytes, event)
    core = Plant(served.folder).json("show", CORE)["event"]
    assert served.refusal("proof", core, code=6) == "access.needed"
    token = served.token()
    check(served.run("proof", core, TRACELEDGER_TOKEN=token).stdout_bytes, core)
