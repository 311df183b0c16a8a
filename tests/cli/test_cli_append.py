from __future__ import annotations

import json
import secrets
import time
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from tests.cli.plant import CORE, PASSPHRASE, Plant, importing, write_manifest
from traceledger.events.draft import Draft
from traceledger.ledger.keeping.home import Home
from traceledger.planning.keys import Keys
from traceledger.planning.signing import find_identity, sign_drafts
from traceledger_cli.main import main

CORES = [f"8004/9521234C00000{number}" for number in (1, 2, 3)]


def draft(item: str, condition: str = "as removed") -> Draft:
    return Draft(kind="receive", item=item, data={"result": "ok", "condition": condition})


def line(item: str, **changes: object) -> bytes:
    data = {"kind": "receive", "item": item, "data": {"result": "ok", "condition": "as removed"}}
    return json.dumps({**data, **changes}).encode() + b"\n"


@pytest.fixture
def stocked(plant: Plant) -> Plant:
    write_manifest(plant, 3)
    plant.run(*importing(plant))
    return plant


def signed(plant: Plant, **changes: str) -> list[bytes]:
    """Events signed outside the ledger."""
    ledger = Home.open(plant.ledger).read(time.time)
    signer = Keys(plant.folder / "keys").signer("station", PASSPHRASE.encode())
    identity = find_identity(ledger, signer.key.kid)
    drafts = [msgspec.structs.replace(draft(item), **changes) for item in CORES]
    wires = sign_drafts(ledger, drafts, signer, identity, randbytes=secrets.token_bytes)
    ledger.close()
    return [event.wire for event in wires]


def test_drafts_are_read_from_stdin(stocked: Plant) -> None:
    given = b"".join(map(line, CORES))
    answer = stocked.json("append", "-", "--key", "station", stdin=given)
    assert [event["item"] for event in answer["events"]] == CORES


FUTURE = "2130-01-01T00:00:00Z"


def warned(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["code"], one["item"]) for one in answer["warnings"]]


def test_implausible_drafts_are_warned_of(stocked: Plant) -> None:
    """A station's program appends without `event`, and an audit reports it too late."""
    given = line(CORES[0]) + line(CORES[1], occurred=FUTURE)
    command = ("append", "-", "--key", "station")
    expected = [("audit.future", CORES[1])]
    assert warned(stocked.json(*command, "--dry-run", stdin=given)) == expected
    shown = stocked.run(*command, "--dry-run", stdin=given).stderr
    assert f"Warning: occurred is {FUTURE}, which is in the future [audit.future]" in shown
    assert warned(stocked.json(*command, stdin=given)) == expected


def test_implausible_signed_events_are_warned_of(stocked: Plant) -> None:
    wires = signed(stocked, occurred=FUTURE)
    answer = stocked.json("append", "-", stdin=b"\n".join(wires))
    assert warned(answer) == [("audit.future", item) for item in CORES]


def test_request_of_more_cores_than_declared_is_warned_of_once(stocked: Plant) -> None:
    """Each core alone would fit, and thousands of warnings would hide the others."""
    line_of = stocked.json("show", CORES[0])["declaration"]
    target = stocked.json("history", line_of)["events"][0]["event"]
    present = len(stocked.json("show", "--declaration", line_of)["items"])
    quantity = json.dumps({"quantity": str(present + 1)})
    correct = ("correct", line_of, "--reason", "typing error", "--target", target)
    stocked.event(*correct, "--set-customs", quantity, "--key", "import")
    data = {"category": "TCM", "part_no": "24261870", "origin": "USA", "net_kg": "0.9"}
    value = {"amount": "85.00", "currency": "USD"}
    refs = [{"as": "declaration", "item": line_of}]

    def imports(*serials: int) -> bytes:
        items = (f"8004/9521234X00000{serial}" for serial in serials)
        drafts = (
            {"kind": "import", "item": i, "data": data | {"unit_value": value}, "refs": refs}
            for i in items
        )
        return b"\n".join(json.dumps(one).encode() for one in drafts)

    command = ("append", "-", "--key", "import", "--dry-run")
    assert warned(stocked.json(*command, stdin=imports(1))) == []
    assert warned(stocked.json(*command, stdin=imports(1, 2))) == [("audit.quantity", line_of)]


def test_drafts_are_read_from_a_file_and_blank_lines_are_ignored(stocked: Plant) -> None:
    (stocked.folder / "drafts").write_bytes(b"\n".join(map(line, CORES)))
    answer = stocked.json("append", stocked.path("drafts"), "--key", "station")
    assert len(answer["events"]) == 3


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_drafts_may_be_an_array_printed_and_saved_by_any_editor(
    stocked: Plant, indent: int | None, encoding: str
) -> None:
    drafts = [json.loads(line(item)) for item in CORES]
    given = json.dumps(drafts, indent=indent).encode(encoding)
    answer = stocked.json("append", "-", "--key", "station", stdin=given)
    assert [event["item"] for event in answer["events"]] == CORES


def test_signed_events_need_no_key_and_are_logged_once(stocked: Plant) -> None:
    wires = signed(stocked)
    first = stocked.json("append", "-", stdin=b"\n".join(wires))
    again = stocked.json("append", "-", stdin=b"\n".join(wires))
    assert first["events"] == again["events"]
    assert stocked.json("show", CORE)["seq"] == 1


def test_signed_events_may_be_json_strings(stocked: Plant) -> None:
    given = b"".join(json.dumps(wire.decode()).encode() + b"\n" for wire in signed(stocked))
    assert len(stocked.json("append", "-", stdin=given)["events"]) == 3


def test_receipt_is_written_to_a_file(stocked: Plant) -> None:
    target = stocked.path("receipt")
    append = ("append", "-", "--key", "station", "--receipt", target)
    answer = stocked.json(*append, stdin=line(CORES[0]))
    assert (stocked.folder / "receipt").read_text() == answer["receipt"]


@pytest.mark.parametrize(("place", "code"), [("no-folder/receipt", 9), (".", 2)])
def test_nothing_is_appended_if_the_receipt_cannot_be_written(
    stocked: Plant, place: str, code: int
) -> None:
    size = stocked.entries()
    target = stocked.folder / place
    append = ("append", "-", "--key", "station", "--receipt", target)
    stocked.refusal(*append, code=code, stdin=line(CORES[0]))
    assert stocked.entries() == size


def test_nothing_is_appended_if_any_event_is_refused(stocked: Plant) -> None:
    size = stocked.entries()
    given = line(CORES[0]) + line("8004/9521234C999999")
    error = stocked.json("append", "-", "--key", "station", code=6, stdin=given)["error"]
    assert error["code"] == "life.transition"
    assert error["where"].startswith("event 2 ")
    assert stocked.entries() == size


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (b"{not json}\n", "draft.form"),
        (line(CORE, data={}, kind="recieve"), "event.kind"),
        (line(CORE, surprise=1), "draft.form"),
    ],
)
def test_unreadable_draft_is_reported_with_its_line(
    stocked: Plant, wrong: bytes, code: str
) -> None:
    given = line(CORES[0]) + wrong
    error = stocked.json("append", "-", "--key", "station", code=2, stdin=given)["error"]
    assert (error["code"], error["where"]) == (code, "line 2")


def test_truncated_or_changed_signed_event_is_refused(stocked: Plant) -> None:
    wire = signed(stocked)[0]
    size = stocked.entries()
    runner = CliRunner(env=stocked.environment)
    for place in range(0, len(wire), 29):
        changed = bytearray(wire)
        changed[place] ^= 1
        for given in (bytes(changed), wire[:place]):
            result = runner.invoke(main, ["append", "-"], input=given)
            assert result.exit_code in {2, 3, 6, 7}, result.output
            assert "What to do: " in result.stderr
    assert stocked.entries() == size


def test_mixture_of_drafts_and_signed_events_is_refused(stocked: Plant) -> None:
    given = signed(stocked)[0] + b"\n" + line(CORES[1])
    assert stocked.refusal("append", "-", "--key", "station", code=2, stdin=given) == "draft.form"


def test_empty_file_is_refused(stocked: Plant) -> None:
    assert stocked.refusal("append", "-", "--key", "station", code=2) == "append.count"


def test_missing_file_is_refused(stocked: Plant) -> None:
    append = ("append", stocked.path("nothing"), "--key", "station")
    assert stocked.refusal(*append, code=5) == "file.missing"


def test_too_many_events_are_refused(stocked: Plant) -> None:
    given = b"eyJ~\n" * 10_001
    assert stocked.refusal("append", "-", code=2, stdin=given) == "append.count"


def test_lines_are_numbered_as_in_an_editor(stocked: Plant) -> None:
    command = ("append", "-", "--key", "station")
    drafts = b"\n" + line(CORES[0]) + b"\n{}\n"
    error = stocked.json(*command, code=2, stdin=drafts)["error"]
    assert error["where"] == "line 4"
    mixed = b"\n\n" + line(CORES[0]) + b"\ntoken~\n"
    error = stocked.json(*command, code=2, stdin=mixed)["error"]
    assert error["where"] == "lines 3, 5"
