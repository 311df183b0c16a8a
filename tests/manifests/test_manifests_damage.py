"""Identifiers that Excel changed are refused in every column, with a remedy."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import pytest

from traceledger.manifests import RowFault, read_declaration, read_manifest

LISTS = Path(__file__).parents[1] / "data" / "lists"
DATA = files("traceledger_cli") / "demo" / "data"
MANIFEST = (DATA / "manifest-1080-tcm.csv").read_text()
DECLARATION = (DATA / "declaration-inbound.csv").read_text()

DAMAGE = [
    ("1.23457E+11", "rounded"),
    ("1,23457E+11", "rounded"),
    ("8.0122E+17", "rounded"),
    ("123456789012345000", "rounded"),
    ("12-Oct", "to a date"),
    ("12-Oct-25", "to a date"),
    ("Oct-25", "to a date"),
    ("10月12日", "to a date"),
    ("2025/3/4", "to a date"),
    ("2025/3/4 0:00:00", "to a date"),
    ("3/4/2025", "to a date"),
    ("2025-03-04 00:00:00", "to a date"),
    ("24261870.0", "to a decimal number"),
    ('="0260550002"', 'the text between ="'),
    ("'0260550002", "apostrophe"),
]
ERRORS = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "########", "##"]


def with_cell(text: str, heading: str, value: str) -> bytes:
    rows = list(csv.reader(io.StringIO(text, newline="")))[:4]
    rows[2][rows[0].index(heading)] = value
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def manifest_fault(heading: str, value: str) -> RowFault:
    (fault,) = read_manifest(with_cell(MANIFEST, heading, value), partial=True).faults
    return fault


@pytest.mark.parametrize("heading", ["part_no_oe", "oe_serial", "pallet"])
@pytest.mark.parametrize(("value", "expected"), DAMAGE)
def test_damaged_identifier_is_refused(heading: str, value: str, expected: str) -> None:
    fault = manifest_fault(heading, value)
    assert (fault.row, fault.column, fault.code) == (3, heading, "manifest.value")
    assert expected in fault.allowed


@pytest.mark.parametrize("value", [value for value, _ in DAMAGE if not value.isdecimal()])
@pytest.mark.parametrize("heading", ["entry_no", "invt_no", "book_no", "core"])
def test_damaged_document_number_is_refused(heading: str, value: str) -> None:
    assert manifest_fault(heading, value).column == heading


@pytest.mark.parametrize("value", ERRORS)
@pytest.mark.parametrize("heading", ["part_no_oe", "make", "oe_serial", "net_kg", "origin", "core"])
def test_error_in_place_of_a_value_is_refused(heading: str, value: str) -> None:
    fault = manifest_fault(heading, value)
    assert fault.column == heading
    assert "error of a formula" in fault.allowed or "too narrow" in fault.allowed


@pytest.mark.parametrize("value", ["#N/A", "1.23457E+11"])
def test_damaged_part_number_of_a_declaration_is_refused(value: str) -> None:
    with pytest.raises(Exception, match="part_no_oe"):
        read_declaration(with_cell(DECLARATION, "part_no_oe", value))


@pytest.mark.parametrize(
    "value",
    ["24261870", "8E0907115", "06E906016", "0260550002", "A2C-53352", "1E", "MAR-12", "12/34",
     "2025-03", "1.0", "#12", "12345678901234500", "OCT 12"],
)  # fmt: skip
def test_unusual_identifier_is_accepted(value: str) -> None:
    manifest = read_manifest(with_cell(MANIFEST, "part_no_oe", value))
    assert manifest.rows[1].part_no == value


def test_document_number_that_ends_in_zeros_is_accepted() -> None:
    read = read_manifest(with_cell(MANIFEST, "entry_no", "801220251000012000"), partial=True)
    assert read.rows[1].entry_no == "801220251000012000"


def test_file_with_lost_zeros_is_refused_where_they_are_detectable() -> None:
    read = read_manifest((LISTS / "17-manifest-excel-lost-zeros.csv").read_bytes(), partial=True)
    assert [(fault.row, fault.column) for fault in read.faults] == [(3, "料号"), (4, "原序列号")]
