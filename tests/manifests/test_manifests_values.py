"""Values in the forms that customs software, scanners and people produce."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import pytest

from traceledger.errors import MalformedError
from traceledger.identifiers import COUNTRIES, CURRENCIES, parse_time
from traceledger.manifests import Conventions, ManifestError, read_declaration, read_manifest
from traceledger.manifests.coded import country, currency, piece_unit, unit
from traceledger.manifests.names import SINGLE_PIECES, UNIT_NAMES, UNITS
from traceledger.manifests.scans import core
from traceledger.manifests.times import parse_zone, time

LISTS = Path(__file__).parents[1] / "data" / "lists"
MANIFEST = (files("traceledger_cli") / "demo" / "data" / "manifest-1080-tcm.csv").read_text()
CHINA = parse_zone("+08:00")


@pytest.mark.parametrize("cell", ["007", "7", "07", "个", "个(007)", "个（7）", "007(个)", "７"])
def test_unit_is_normalized(cell: str) -> None:
    assert unit(cell) == "007"


@pytest.mark.parametrize(
    "cell", ["banana", "0", "000", "999", "个(008)", "个个", "", "007 个", "0007x", "٧"]
)
def test_unknown_unit_is_refused(cell: str) -> None:
    with pytest.raises(MalformedError):
        unit(cell)


@pytest.mark.parametrize(
    "cell", ["043", "百个", "050", "054", "千个", "038", "双", "打", "千克", "箱"]
)
def test_unit_of_multiples_packages_or_measures_does_not_count_pieces(cell: str) -> None:
    assert unit(cell) != "007"
    with pytest.raises(MalformedError):
        piece_unit(cell)


def test_table_of_units_is_consistent() -> None:
    assert len(set(UNITS.values())) == len(UNITS)
    assert set(UNIT_NAMES.values()) == set(UNITS)
    assert set(UNITS) > SINGLE_PIECES


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("20260316", "2026-03-16T00:00:00+08:00"),
        ("2026-03-16", "2026-03-16T00:00:00+08:00"),
        ("2026/3/16 10:05", "2026-03-16T10:05:00+08:00"),
        ("20260316100500", "2026-03-16T10:05:00+08:00"),
        ("2026-03-16 10:05:00", "2026-03-16T10:05:00+08:00"),
        ("2026-03-16 10:05:00.0", "2026-03-16T10:05:00+08:00"),
        ("46097", "2026-03-16T00:00:00+08:00"),
        ("2026年3月16日", "2026-03-16T00:00:00+08:00"),
        ("2026年3月16日10时05分", "2026-03-16T10:05:00+08:00"),
        ("2026-03-16T10:05:00Z", "2026-03-16T10:05:00Z"),
    ],
)
def test_time_is_read_in_the_given_zone(cell: str, meant: str) -> None:
    assert time(cell, CHINA) == meant
    parse_time(meant)
    if not cell.endswith("Z"):
        with pytest.raises(MalformedError, match="--zone"):
            time(cell)


@pytest.mark.parametrize(
    "cell",
    ["20260230", "20261301", "2026-03-16 25:00", "46097.42", "3/4/2026", "16.03.2026", "1371",
     "2026-03/16", "0046097", "99999", "2026年3月"],
)  # fmt: skip
def test_impossible_or_ambiguous_time_is_refused(cell: str) -> None:
    with pytest.raises(MalformedError):
        time(cell, CHINA)


@pytest.mark.parametrize("text", ["8", "+8", "+08", "08:00", "+15:00", "Asia/Shanghai", "Z"])
def test_zone_is_an_offset(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_zone(text)


@pytest.mark.parametrize("number", range(1, 8))
def test_each_of_seven_date_forms_needs_a_zone(number: int) -> None:
    data = (LISTS / f"23-declaration-date-{number}.csv").read_bytes()
    (line,) = read_declaration(data, Conventions(zone=CHINA)).rows
    assert line.declared_at[:10] == "2026-03-16"
    with pytest.raises(ManifestError) as caught:
        read_declaration(data)
    assert "--zone" in caught.value.faults[0].allowed


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("USA", "USA"),
        ("美国", "USA"),
        ("美国(USA)", "USA"),
        ("USA（美国）", "USA"),
        ("美国(502)", "USA"),
    ],
)
def test_country_is_read_by_name_and_code(cell: str, meant: str) -> None:
    assert country(cell) == country(cell, "customs") == meant


@pytest.mark.parametrize("cell", ["502", "116", "美国(304)", "502(502)", "US", "US$", "某国"])
def test_numeric_country_requires_the_customs_table(cell: str) -> None:
    with pytest.raises(MalformedError):
        country(cell)
    if cell == "116":
        assert country(cell, "customs") == "JPN"
        assert currency(cell, "customs") == "JPY"


def test_numeric_codes_are_read_from_the_specified_table() -> None:
    data = (LISTS / "20-manifest-numeric-codes.csv").read_bytes()
    read = read_manifest(data, Conventions(codes="customs"), partial=True)
    assert [(row.currency, row.origin) for row in read.rows] == [
        ("USD", "USA"),
        ("CNY", "JPN"),
        ("USD", "USA"),
    ]
    assert {fault.row for fault in read.faults} == {5}
    read = read_manifest(data, partial=True)
    assert [row.row for row in read.rows] == [4]
    assert {"USA", "JPN"} <= COUNTRIES
    assert {"USD", "CNY"} <= CURRENCIES


def test_scanned_ids_are_read_and_lower_case_refused() -> None:
    data = (LISTS / "27-manifest-scanned-cores.csv").read_bytes()
    read = read_manifest(data, Conventions(base="https://id.example"), partial=True)
    expected = [f"8004/9521234C2000{number}" for number in range(71, 87) if number != 84]
    assert [row.core.text for row in read.rows] == expected
    assert [fault.row for fault in read.faults] == [15]
    assert [(notice.row, notice.given) for notice in read.notices] == [
        (13, "'https://id.gs1.org'"),
        (14, "'https://example.com'"),
    ]


@pytest.mark.parametrize(
    "cell", ["8004", "(8004)", "]d2", "]C1(01)09521234543213", "\x1d", "https://id.example/8004/",
             "https://id.example/01/09521234543213/21/A", "²004/9521234C1", "8004/9521234c1"]
)  # fmt: skip
def test_scan_of_something_else_is_refused(cell: str) -> None:
    with pytest.raises(MalformedError):
        core(cell)


def test_refused_mode_or_commodity_code_is_shown_in_its_correct_form() -> None:
    with pytest.raises(ManifestError) as caught:
        read_declaration((LISTS / "25-declaration-mode-hs.csv").read_bytes())
    hints = [fault.allowed.rpartition("write ")[2].split()[0] for fault in caught.value.faults]
    assert [fault.row for fault in caught.value.faults] == list(range(2, 9))
    assert hints == ["1371", "1371", "9032899099", "9032899099", "9032899099", "0864", "10"]


def test_quantity_of_a_core_is_one() -> None:
    data = (LISTS / "28-manifest-quantity-column.csv").read_bytes()
    read = read_manifest(data, partial=True)
    assert [row.row for row in read.rows] == [3]
    assert [(fault.row, fault.given) for fault in read.faults] == [(2, "'12'"), (4, "'0'")]


@pytest.mark.parametrize(
    ("cell", "right"), [("个", True), ("011", True), ("百个", False), ("x", False)]
)
def test_unit_of_a_core_is_a_single_piece(cell: str, right: bool) -> None:  # noqa: FBT001
    rows = list(csv.reader(io.StringIO(MANIFEST, newline="")))[:2]
    rows[0].append("计量单位")
    rows[1].append(cell)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    read = read_manifest(out.getvalue().encode(), partial=True)
    assert (len(read.rows) == 1) is right
