"""Checks of an import against the book, the declared lines and the cores already present."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.plant import CORE, DATA, Plant, importing, rewrite_manifest, write_manifest

LISTS = Path(__file__).parents[1] / "data" / "lists"
HEAD = ("--codes", "customs", "--zone", "+08:00")


def declare(plant: Plant, name: str, *more: str, code: int = 0) -> dict[str, Any]:
    """Imports a manifest of one core together with a declaration of the lists."""
    (plant.folder / "receipt.pdf").write_bytes(b"receipt")
    return plant.json(
        *("import-manifest", str(LISTS / "26-manifest-ok.csv")),
        *("--category", "TCM", "--key", "import", "--declaration", str(LISTS / name)),
        *("--receipt", plant.path("receipt.pdf"), *more),
        code=code,
    )


def rows_with(plant: Plant, heading: str, value: str, *, row: int = 2) -> list[list[str]]:
    rows = write_manifest(plant, 5)
    rows[row][rows[0].index(heading)] = value
    rewrite_manifest(plant, rows)
    return rows


@pytest.mark.parametrize(
    ("heading", "value", "column"),
    [
        ("book_line", "12", "book_line"),
        ("book_no", "H80122500002", "book_no"),
        ("entry_line", "2", "entry_line"),
        ("entry_no", "801220251000012346", "entry_no"),
        ("invt_no", "QD801225I000001235", "list_line"),
        ("invt_line", "77", "list_line"),
    ],
)
def test_row_whose_document_differs_from_its_line_is_refused(
    plant: Plant, heading: str, value: str, column: str
) -> None:
    rows_with(plant, heading, value)
    size = plant.entries()
    (fault,) = plant.json(*importing(plant), code=2)["error"]["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (3, column, "manifest.line")
    assert plant.entries() == size
    assert plant.json(*importing(plant, "--partial"))["imported"] == 4


def test_part_number_that_lost_its_zeros_is_refused(plant: Plant) -> None:
    name = LISTS / "17-manifest-excel-lost-zeros.csv"
    write_manifest(plant, 1)
    done = plant.json(*importing(plant, "--partial", name=str(name)))
    assert {fault["row"] for fault in done["faults"]} == {2, 3, 4}
    lost = next(fault for fault in done["faults"] if fault["row"] == 2)
    assert "'0260550002', as declared" in lost["allowed"]
    assert [(notice["row"], notice["column"]) for notice in done["notices"]] == [
        (5, "net_kg"),
        (6, "unit_value"),
    ]


@pytest.mark.parametrize(
    ("heading", "value"),
    [("origin", "JPN"), ("currency", "EUR"), ("part_no_oe", "99999999"), ("net_kg", "942")],
)
def test_row_that_differs_from_its_line_is_imported_with_a_notice(
    plant: Plant, heading: str, value: str
) -> None:
    rows_with(plant, heading, value)
    done = plant.json(*importing(plant))
    assert done["imported"] == 5
    (notice,) = done["notices"]
    assert notice["row"] == 3
    assert notice["column"] == heading.removesuffix("_oe")
    assert value in notice["given"]


def test_repeated_serial_and_merged_pallets_are_noticed(plant: Plant) -> None:
    """The log keeps what was imported: a value lost in a merged cell is missing there for ever."""
    rows = write_manifest(plant, 5)
    pallet, serial = rows[0].index("pallet"), rows[0].index("oe_serial")
    for row in rows[2:4]:
        row[pallet] = ""
    rows[4][serial] = rows[2][serial]
    rewrite_manifest(plant, rows)
    notices = plant.json(*importing(plant))["notices"]
    assert [(notice["row"], notice["column"]) for notice in notices] == [
        (3, "pallet"),
        (3, "old_serial"),
        (5, "old_serial"),
    ]
    assert notices[0]["given"] == "nothing in 2 of 5 rows"
    assert "row 3" in notices[2]["expected"]


def test_core_present_with_other_values_names_each_of_them(plant: Plant) -> None:
    """Without the column, nobody finds which of fifteen cells differs from the log."""
    rows = write_manifest(plant, 5)
    plant.run(*importing(plant))
    rows[1][rows[0].index("pallet")] = ""
    rows[2][rows[0].index("unit_value")] = "86.00"
    rows[3][rows[0].index("unit_value")] += "00"  # the same number, as another program writes it
    rows[4][rows[0].index("net_kg")] += "0"
    rewrite_manifest(plant, rows)
    faults = plant.json(*importing(plant), code=2)["error"]["faults"]
    assert [(fault["row"], fault["column"], fault["given"]) for fault in faults] == [
        (2, "pallet", "nothing"),
        (3, "unit_value", "'86.00 USD'"),
    ]
    assert "'PLT-01', as 8004/9521234C000001 was imported" in faults[0]["allowed"]
    assert plant.json(*importing(plant, "--partial"))["present"] == 3


def test_notices_are_shown_to_people(plant: Plant) -> None:
    rows_with(plant, "origin", "JPN")
    text = plant.run(*importing(plant)).stdout
    assert "Unusual, but accepted: 1" in text
    assert "row 3, origin: given 'JPN'; expected: 'USA', as declared" in text


def test_files_of_the_demo_contain_nothing_unusual(plant: Plant) -> None:
    write_manifest(plant, 1080)
    assert plant.json(*importing(plant, "--dry-run"))["notices"] == []


def test_amended_declaration_is_refused_with_each_difference(plant: Plant) -> None:
    declare(plant, "26-declaration-ok.csv")
    size = plant.entries()
    error = declare(plant, "26b-declaration-changed.csv", code=2)["error"]
    assert {(fault["row"], fault["column"], fault["given"]) for fault in error["faults"]} == {
        (2, "quantity", "'12'"),
        (2, "total", "'1020.00 USD'"),
        (3, "origin", "'CHN'"),
    }
    assert {fault["code"] for fault in error["faults"]} == {"manifest.amended"}
    assert "traceledger event correct" in error["hint"]
    assert plant.entries() == size


def test_recorded_amendment_counts_as_present(plant: Plant) -> None:
    declare(plant, "26-declaration-ok.csv")
    total = {"amount": "1020.00", "currency": "USD"}
    changes = {
        1: ("--set-customs", json.dumps({"quantity": "12", "total": total})),
        2: ("--set-public", '{"origin": "CHN"}'),
    }
    for row in plant.json("show", "--chain", "declaration")["items"]:
        (first,) = plant.json("history", row["item"])["events"]
        plant.event(
            *("correct", row["item"], "--target", first["event"]),
            *changes[first["data"]["list_line"]],
            *("--reason", "amendment", "--amendment", "XG-1", "--key", "import"),
        )
    again = declare(plant, "26b-declaration-changed.csv")
    assert (again["declared"], again["present"]) == (0, 1)
    error = declare(plant, "26-declaration-ok.csv", code=2)["error"]
    assert {fault["column"] for fault in error["faults"]} == {"quantity", "total", "origin"}


def test_same_declaration_in_another_spelling_counts_as_present(plant: Plant) -> None:
    declare(plant, "26-declaration-ok.csv")
    text = (LISTS / "26-declaration-ok.csv").read_text(encoding="utf-8-sig")
    other = text.replace(",007,10,9.600,", ",个,10.0,9.6,").replace("T10:05:00+08:00", "T02:05:00Z")
    (plant.folder / "other.csv").write_text(other)
    again = declare(plant, plant.path("other.csv"))
    assert (again["declared"], again["present"]) == (0, 1)


def test_list_without_a_declaration_is_recorded_and_not_twice(plant: Plant) -> None:
    name = str(LISTS / "22-declaration-without-entry.csv")
    text = (LISTS / "26-manifest-ok.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    rows[1][rows[0].index("对应报关单编号")] = rows[1][rows[0].index("报关单商品序号")] = ""
    rewrite_manifest(plant, rows)
    (plant.folder / "receipt.pdf").write_bytes(b"receipt")
    command = (
        *("import-manifest", plant.path("manifest.csv"), "--category", "TCM", "--key", "import"),
        *("--declaration", name, "--receipt", plant.path("receipt.pdf")),
    )
    done = plant.json(*command)
    assert (done["declared"], done["imported"]) == (2, 1)
    again = plant.json(*command)
    assert (again["declared"], again["present"]) == (0, 1)


def test_merged_lines_of_a_list_are_each_declared(plant: Plant) -> None:
    text = (DATA / "declaration-inbound.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        row[rows[0].index("entry_line")] = "1"
    manifest = write_manifest(plant, 1)
    rewrite_manifest(plant, rows, name="declaration.csv")
    rewrite_manifest(plant, manifest)
    assert plant.json(*importing(plant))["declared"] == 6
    assert plant.json(*importing(plant))["declared"] == 0


def test_another_category_is_a_single_fault_of_the_option(plant: Plant) -> None:
    write_manifest(plant, 30)
    plant.run(*importing(plant))
    command = [arg if arg != "TCM" else "ECU" for arg in importing(plant)]
    error = plant.json(*command, code=2)["error"]
    assert error["code"] == "usage.option"
    assert "'ECU'" in error["message"]
    assert "--category TCM" in error["hint"]


@pytest.mark.parametrize("category", ["", "x" * 65, "T\x07"])
def test_invalid_category_is_a_single_fault_of_the_option(plant: Plant, category: str) -> None:
    write_manifest(plant, 30)
    command = [arg if arg != "TCM" else category for arg in importing(plant)]
    assert plant.refusal(*command, code=2) == "usage.option"


def test_missing_declaration_is_reported_before_any_cell(plant: Plant) -> None:
    write_manifest(plant, 3)
    error = plant.json(*importing(plant)[:6], code=2)["error"]
    assert error["hint"].startswith("Record the declaration first")


def test_missing_book_is_reported_before_any_cell(plant: Plant) -> None:
    rows_with(plant, "net_kg", "NaN")
    text = (plant.folder / "declaration.csv").read_text().replace("H80122500001", "H80122500002")
    (plant.folder / "declaration.csv").write_text(text)
    error = plant.json(*importing(plant), code=5)["error"]
    assert "H80122500002" in error["message"]
    assert "open_book" in error["hint"]


def test_faults_of_cells_and_of_lines_are_reported_together(plant: Plant) -> None:
    rows = rows_with(plant, "net_kg", "NaN")
    rows[3][rows[0].index("book_line")] = "99"
    rewrite_manifest(plant, rows)
    error = plant.json(*importing(plant), code=2)["error"]
    assert [fault["row"] for fault in error["faults"]] == [3, 4]


def test_body_of_a_list_is_declared_with_its_head(plant: Plant) -> None:
    (plant.folder / "head.csv").write_text("清单编号,QD801226I000000321\n备案编号,H80122500001\n")
    done = declare(
        plant,
        "01-invt-body-27-columns.xlsx",
        *HEAD,
        *("--head", plant.path("head.csv"), "--set", "mode=1371"),
        *("--set", "entry_no=801220261000000777", "--set", "declared_at=2026-03-16"),
    )
    assert (done["declared"], done["imported"]) == (3, 1)


@pytest.mark.parametrize("setting", ["mode", "mode=", "colour=red", "=x"])
def test_invalid_setting_is_refused(plant: Plant, setting: str) -> None:
    write_manifest(plant, 1)
    assert plant.refusal(*importing(plant, "--set", setting), code=2) == "usage.option"


def test_encoding_and_first_names_are_reported(plant: Plant) -> None:
    rows = rows_with(plant, "make", "博世")
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    (plant.folder / "manifest.csv").write_bytes(out.getvalue().encode("gbk"))
    text = plant.run(*importing(plant, "--dry-run")).stdout
    assert f"{plant.path('manifest.csv')}: read as GBK; first names: 博世" in text
    read = plant.json(*importing(plant))["read"]
    assert read[plant.path("manifest.csv")]["encoding"] == "GBK"
    assert read[plant.path("manifest.csv")]["names"] == ["博世"]
    assert read[plant.path("declaration.csv")]["encoding"] == "UTF-8"


def test_western_names_require_their_encoding(plant: Plant) -> None:
    rows = rows_with(plant, "make", "Citroën")
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    (plant.folder / "manifest.csv").write_bytes(out.getvalue().encode("cp1252"))
    command = importing(plant)[:6]
    size = plant.entries()
    assert plant.refusal(*command, code=2) == "manifest.encoding"
    assert plant.entries() == size
    (plant.folder / "declaration.csv").write_text(
        (DATA / "declaration-inbound.csv").read_text().replace("变速箱控制模块(旧件)", "TCM")
    )
    plant.run(*importing(plant, "--encoding", "windows-1252"))
    assert "Citroën" in plant.run("history", "8004/9521234C000002").stdout


def test_links_to_another_address_are_reported(plant: Plant) -> None:
    rows_with(plant, "core", f"https://other.example/{CORE}", row=1)
    done = plant.json(*importing(plant))
    assert [(notice["row"], notice["given"]) for notice in done["notices"]] == [
        (2, "'https://other.example'")
    ]


@pytest.mark.parametrize("wanted", ["manifest", "declaration"])
def test_template_contains_the_headings_that_are_read(plant: Plant, wanted: str) -> None:
    template = plant.run("import-manifest", "--template", wanted).stdout_bytes
    assert template.startswith(b"\xef\xbb\xbf")
    example = {"manifest": "manifest-1080-tcm.csv", "declaration": "declaration-inbound.csv"}
    write_manifest(plant, 1080)
    data = (DATA / example[wanted]).read_bytes()
    filled = template + data.split(b"\r\n", 1)[1]
    assert template.count(b",") == data.split(b"\r\n", 1)[0].count(b",")
    (plant.folder / f"{wanted}.csv").write_bytes(filled)
    assert plant.json(*importing(plant, "--dry-run"))["imported"] == 1080
