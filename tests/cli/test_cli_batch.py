"""Batches: one event for each row, all or nothing, safe to repeat for declared lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.plant import BOOK, UNIT, Plant
from traceledger.events.catalogue import CATALOGUE
from traceledger.planning.batches import BATCH_KINDS, batch_columns

DECLARE = (
    *("--set", f"book={BOOK}", "--set", "entry_no=801220251000099999", "--set", "mode=0864"),
    *("--set", "list_no=QD801225E000000001", "--set", "hs10=8708409990", "--set", "unit=007"),
    *("--set", "declared_at=2025-05-19T10:00:00+08:00", "--set", f"receipt_sha256={'ab' * 32}"),
    *("--set", "destination=USA", "--set", "book-line=11", "--key", "import"),
)
LINES = (
    "list_line;entry-line;Goods Name;quantity;net_kg;total\n"
    '1;1;控制模块;2;1.9;"{""amount"": ""170.00"", ""currency"": ""USD""}"\n'
    "2;2;控制模块;1;0.9;85.00 USD\n"
)
EXPORT = (
    *("--set", "destination=USA", "--set", "departed_at=2025-05-20T10:00:00+08:00"),
    *("--set", "transport=MAEU123456789", "--key", "import"),
)


def write(plant: Plant, text: str) -> str:
    Path(plant.path("rows.csv")).write_text(text)
    return plant.path("rows.csv")


def declare(plant: Plant, text: str = LINES, *more: str, code: int = 0) -> dict[str, object]:
    return plant.json("batch", "declare_out", write(plant, text), *DECLARE, *more, code=code)


def test_lines_are_declared_and_units_exported_from_files(busy_plant: Plant) -> None:
    declared = declare(busy_plant)
    events = declared["events"]
    assert isinstance(events, list)
    lines = [event["item"] for event in events]
    assert len(lines) == 2
    assert all(line.startswith("decl/") for line in lines)
    file = write(busy_plant, f"item,declaration,container\n{UNIT},{lines[0]},MSKU1234565\n")
    exported = busy_plant.json("batch", "export", file, *EXPORT)
    assert [event["item"] for event in exported["events"]] == [UNIT]
    assert busy_plant.json("show", UNIT)["state"] == "EXPORTED"


def test_scanned_items_are_read(busy_plant: Plant) -> None:
    """People fill these files, and name items on the command line, with a scanner."""
    cores = [f"8004/9521234C{number:06d}" for number in (2, 3)]
    scans = [f"(8004){cores[0][5:]}", f"]Q1https://id.example/{cores[1]}#v1.x"]
    file = write(busy_plant, "item,result,condition\n" + "".join(f"{s},ok,x\n" for s in scans))
    received = busy_plant.json("batch", "receive", file, "--key", "station")
    assert [event["item"] for event in received["events"]] == cores
    twice = write(busy_plant, f"item,grade\n{scans[0]},B\n{cores[0]},B\n")
    assert busy_plant.refusal("batch", "inspect", twice, "--key", "station", code=2)
    inspected = busy_plant.json(
        "event", "inspect", f"]C1{cores[0].replace('/', '')}", "--grade", "B", "--key", "station"
    )
    assert [event["item"] for event in inspected["events"]] == cores[:1]


def test_missing_required_value_is_named_by_its_column(busy_plant: Plant) -> None:
    file = write(busy_plant, "item,condition\n8004/9521234C000002,x\n8004/9521234C000003,x\n")
    error = busy_plant.json("batch", "receive", file, "--key", "station", code=2)["error"]
    assert [(fault["row"], fault["column"]) for fault in error["faults"]] == [
        (2, "result"),
        (3, "result"),
    ]
    assert "nothing was appended" in error["message"]


def test_times_places_and_dates_are_checked_in_their_rows(busy_plant: Plant) -> None:
    """A fault that shows only when the others are corrected costs another round for each."""
    header = "item,grade,occurred,site\n"
    rows = (
        "8004/9521234C000002,B,2026-11-29 10:00,\n"
        "8004/9521234C000003,B,2026-02-30T10:00:00+08:00,\n"
        "8004/9521234C000004,B,,Hall 1\n"
    )
    file = write(busy_plant, header + rows)
    error = busy_plant.json("batch", "inspect", file, "--key", "station", code=2)["error"]
    assert [(fault["row"], fault["column"]) for fault in error["faults"]] == [
        (2, "occurred"),
        (3, "occurred"),
        (4, "site"),
    ]
    unknown = write(busy_plant, "物品,等级\nx,y\n")
    error = busy_plant.json("batch", "inspect", unknown, "--key", "station", code=2)["error"]
    assert "batch inspect --template" in error["hint"]


def test_rows_are_warned_of_like_single_events(busy_plant: Plant) -> None:
    core = "8004/9521234C000002"
    file = write(busy_plant, f"item,result,condition,occurred\n{core},ok,x,2130-01-01T00:00:00Z\n")
    receive = ("batch", "receive", file, "--key", "station")
    (warning,) = busy_plant.json(*receive, "--dry-run")["warnings"]
    assert (warning["code"], warning["item"]) == ("audit.future", core)
    assert warning["message"] in busy_plant.run(*receive).stderr


def test_repeated_declaration_adds_only_new_lines(busy_plant: Plant) -> None:
    """A second declaration of the same line would be counted twice at write-off."""
    size = busy_plant.entries()
    declare(busy_plant, LINES, "--dry-run")
    assert busy_plant.entries() == size
    declare(busy_plant)
    size = busy_plant.entries()
    again = declare(busy_plant, LINES.replace(";0.9;85.00 USD", ";0.90;85 USD"))
    assert (again["events"], busy_plant.entries()) == ([], size)
    more = declare(busy_plant, LINES + LINES.splitlines()[1].replace("1;1", "3;3", 1) + "\n")
    assert isinstance(more["skipped"], list)
    assert (len(json.loads(json.dumps(more["events"]))), len(more["skipped"])) == (1, 2)


def test_amended_or_repeated_line_is_refused(busy_plant: Plant) -> None:
    """An amendment must be recorded as a correction, not swallowed as already declared."""
    declare(busy_plant)
    size = busy_plant.entries()
    assert declare(busy_plant, LINES.replace(";1.9;", ";1.90;"))["events"] == []
    amended = busy_plant.json(
        "batch", "declare_out", write(busy_plant, LINES.replace(";2;1.9;", ";3;1.9;")), *DECLARE,
        code=2,
    )["error"]  # fmt: skip
    (fault,) = amended["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (2, "quantity", "manifest.amended")
    repeated = LINES.replace("\n1;1", "\n5;1").replace("\n2;2", "\n5;2")
    (fault,) = busy_plant.json(
        "batch", "declare_out", write(busy_plant, repeated), *DECLARE, code=2
    )["error"]["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (3, "list_line", "manifest.duplicate")
    assert busy_plant.entries() == size


def test_all_faults_are_reported_and_nothing_is_written(busy_plant: Plant) -> None:
    size = busy_plant.entries()
    file = write(
        busy_plant,
        f"item,declaration,departed_at,container\n{UNIT},12-Oct,,\n{UNIT},,2025-05-20,\n"
        "01/1,,,\n#N/A,,,\n",
    )
    line = ("--set", "declaration=decl/M3VZT8R2KQ7XW4PB9HNC")
    error = busy_plant.json("batch", "export", file, *EXPORT, *line, code=2)["error"]
    assert error["code"] == "manifest.rows"
    assert [(fault["row"], fault["column"]) for fault in error["faults"]] == [
        (2, "declaration"),
        (3, "departed_at"),
        (4, "item"),
        (5, "item"),
    ]
    assert busy_plant.entries() == size


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("item,contaner\nx,y\n", "did you mean 'container'"),
        ("item,item\nx,y\n", "one column for each field"),
        ("item,\nx,y\n", "a heading above the value"),
        ("item,container\nx\n", "2 columns"),
    ],
)
def test_wrong_heading_or_column_is_refused(text: str, says: str, busy_plant: Plant) -> None:
    error = busy_plant.json("batch", "export", write(busy_plant, text), *EXPORT, code=2)["error"]
    assert says in error["faults"][0]["allowed"]


def test_file_without_rows_and_repeated_item_are_refused(busy_plant: Plant) -> None:
    export = ("batch", "export", busy_plant.path("rows.csv"), *EXPORT)
    write(busy_plant, "item\n")
    assert busy_plant.refusal(*export, code=2) == "manifest.form"
    row = f"{UNIT},decl/M3VZT8R2KQ7XW4PB9HNC\n"
    write(busy_plant, f"item,declaration\n{row}{row}")
    assert busy_plant.json(*export, code=2)["error"]["faults"][0]["code"] == "manifest.duplicate"


@pytest.mark.parametrize("setting", ["destination", "destinaton=USA", "item=x"])
def test_wrong_setting_is_refused(setting: str, busy_plant: Plant) -> None:
    file = write(busy_plant, "item\nx\n")
    command = ("batch", "export", file, "--set", setting, "--key", "import")
    assert busy_plant.refusal(*command, code=2) == "usage.option"


def test_template_is_a_file_without_rows(busy_plant: Plant) -> None:
    template = busy_plant.run("batch", "export", "--template").stdout_bytes
    Path(busy_plant.path("rows.csv")).write_bytes(template)
    export = ("batch", "export", busy_plant.path("rows.csv"), *EXPORT)
    assert busy_plant.refusal(*export, code=2) == "manifest.form"
    Path(busy_plant.path("rows.csv")).write_bytes(template + UNIT.encode() + b",,,,,,,,,\r\n")
    (fault,) = busy_plant.json(*export, code=2)["error"]["faults"]
    assert (fault["row"], fault["column"], fault["given"]) == (2, "declaration", "nothing")
    assert busy_plant.refusal("batch", "export", *EXPORT, code=2) == "usage.option"


def test_columns_of_every_kind_are_unambiguous() -> None:
    for name in BATCH_KINDS:
        names = batch_columns(CATALOGUE[name])
        assert len(names) == len(set(names))
