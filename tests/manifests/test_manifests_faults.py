"""Every fault of a file is refused, with its row and column."""

from __future__ import annotations

import csv
import io
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.manifests import (
    ManifestError,
    RowFault,
    read_declaration,
    read_manifest,
    read_table,
)

DATA = files("traceledger_cli") / "demo" / "data"
MANIFEST = (DATA / "manifest-1080-tcm.csv").read_bytes()
DECLARATION = (DATA / "declaration-inbound.csv").read_bytes()
HEADINGS = MANIFEST.split(b"\r\n")[0].decode().split(",")


def changed(cells: dict[tuple[int, str], str], *, data: bytes = MANIFEST) -> bytes:
    """A copy of the file with some cells changed, by row number and heading."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    for (row, heading), value in cells.items():
        rows[row - 1][rows[0].index(heading)] = value
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def refusal(data: bytes) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        read_manifest(data)
    return caught.value


def file_refusal(data: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read_manifest(data)
    assert not isinstance(caught.value, ManifestError)
    return caught.value


def test_invalid_number_in_row_731_is_reported() -> None:
    error = refusal(changed({(731, "net_kg"): "0,942"}))
    assert error.code == "manifest.rows"
    assert error.faults == (
        RowFault(
            row=731,
            column="net_kg",
            given="'0,942'",
            allowed="up to 15 digits, with up to 9 after a decimal point, such as 0.942; a comma"
            " can be a decimal comma or a thousands separator: write a decimal point, or omit the"
            " comma",
            code="value.decimal",
        ),
    )
    assert "row 731, net_kg: given '0,942'; allowed: up to 15 digits" in str(error)


@pytest.mark.parametrize(
    ("heading", "value", "code", "expected"),
    [
        ("net_kg", "NaN", "value.decimal", "such as 0.942"),
        ("net_kg", "Infinity", "value.decimal", "such as 0.942"),
        ("net_kg", "1e3", "value.decimal", "without an exponent"),
        ("net_kg", "1.5E-1", "value.decimal", "without an exponent"),
        ("net_kg", "0,942", "value.decimal", "decimal comma"),
        ("net_kg", "1,234", "value.decimal", "thousands separator"),
        ("net_kg", "1.234,50", "value.decimal", "decimal comma"),
        ("net_kg", "12,34.50", "value.decimal", "thousands separator"),
        ("net_kg", "0,942.00", "value.decimal", "thousands separator"),
        ("net_kg", "1 234.50", "value.decimal", "such as 0.942"),
        ("net_kg", "-0.942", "value.decimal", "negative"),
        ("net_kg", "+0.942", "value.decimal", "such as 0.942"),
        ("net_kg", ".942", "value.decimal", "such as 0.942"),
        ("net_kg", "０.942", "value.decimal", "such as 0.942"),
        ("net_kg", "0.942 kg", "value.decimal", "such as 0.942"),
        ("net_kg", "0.000", "manifest.value", "greater than zero"),
        ("net_kg", "1234567890.123456789", "value.decimal", "up to 15"),
        ("net_kg", "", "manifest.value", "a value"),
        ("unit_value", "$85", "value.decimal", "such as 0.942"),
        ("unit_value", "1,234", "value.decimal", "thousands separator"),
        ("origin", "XKX", "value.country", "ISO 3166"),
        ("origin", "usa", "value.country", "in capitals"),
        ("origin", "US", "value.country", "three-letter"),
        ("origin", "502", "value.country", "502 meant USA in the customs tables"),
        ("origin", "304", "value.country", "304 meant DEU in the customs tables"),
        ("origin", "某国", "value.country", "ISO 3166"),
        ("currency", "BTC", "value.currency", "ISO 4217"),
        ("currency", "Usd", "value.currency", "in capitals"),
        ("currency", "502", "value.currency", "502 meant USD"),
        ("core", "8004/c1", "item.form", "a GIAI of 1 to 30"),
        ("core", "9521234C000001", "item.form", "such as 8004/9521234C000001"),
        ("core", "01/09521234543214/21/A", "item.check-digit", "is 3"),
        ("core", "01/09521234543213/21/A", "manifest.value", "the id of a unit"),
        ("core", "x/component/1", "manifest.value", "the id of a component"),
        ("core", "", "manifest.value", "a value"),
        ("entry_no", "8.0122E+17", "manifest.value", "a spreadsheet rounded"),
        ("entry_no", "8012 2025", "manifest.value", "A-Z, 0-9"),
        ("entry_no", "8" * 41, "manifest.value", "1 to 40"),
        ("entry_line", "0", "manifest.value", "from 1 to 999999"),
        ("entry_line", "1.0", "manifest.value", "from 1 to 999999"),
        ("entry_line", "-1", "manifest.value", "from 1 to 999999"),
        ("entry_line", "٣", "manifest.value", "from 1 to 999999"),
        ("entry_line", "1234567", "manifest.value", "from 1 to 999999"),
        ("make", "G\x07M", "value.text", "U+0007"),
        ("make", "G\nM", "value.text", "U+000A"),
        ("make", "\u202eMG", "value.text", "U+202E"),
        ("pallet", "P" * 501, "value.text", "501 characters"),
        ("part_no_oe", "", "manifest.value", "a value"),
    ],
)
def test_refuses_value_of_manifest(heading: str, value: str, code: str, expected: str) -> None:
    (fault,) = refusal(changed({(500, heading): value})).faults
    assert (fault.row, fault.column, fault.code) == (500, heading, code)
    assert expected in fault.allowed
    assert str(fault).isprintable()


@pytest.mark.parametrize(
    ("heading", "value", "code", "expected"),
    [
        ("mode", "371", "manifest.value", "4 digits"),
        ("hs10", "903289909", "manifest.value", "10 digits"),
        ("hs10", "9032.89.9099", "manifest.value", "10 digits"),
        ("qty", "0", "manifest.value", "greater than zero"),
        ("qty", "1,080", "value.decimal", "thousands separator"),
        ("declared_at", "2025-03-14", "value.time", "offset"),
        ("declared_at", "2025-03-14 09:20:00", "value.time", "offset"),
        ("declared_at", "2025-02-30T09:20:00+08:00", "value.time", "existing date"),
        ("dispatch_country", "138", "value.country", "138 meant ARE"),
        ("goods_name", "a\x00b".replace("\x00", "\x01"), "value.text", "U+0001"),
    ],
)
def test_refuses_value_of_declaration(heading: str, value: str, code: str, expected: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_declaration(changed({(3, heading): value}, data=DECLARATION))
    (fault,) = caught.value.faults
    assert (fault.row, fault.column, fault.code) == (3, heading, code)
    assert expected in fault.allowed


def test_all_faults_of_all_rows_are_listed_in_order() -> None:
    error = refusal(
        changed({
            (1081, "origin"): "Mars",
            (3, "net_kg"): "NaN",
            (3, "currency"): "RMB",
            (9, "core"): "8004/9521234C000001",
        })
    )  # fmt: skip
    assert [(fault.row, fault.column) for fault in error.faults] == [
        (2, "core"),
        (3, "net_kg"),
        (3, "currency"),
        (9, "core"),
        (1081, "origin"),
    ]
    assert "invalid rows: 4, faults: 5" in str(error)


def test_fault_names_the_column_as_the_file_does() -> None:
    data = changed({(5, "net_kg"): "NaN"}).replace(b"net_kg", "净重（千克）".encode())
    assert refusal(data).faults[0].column == "净重（千克）"


def test_heading_cannot_control_the_terminal() -> None:
    data = changed({(5, "net_kg"): "NaN"}).replace(b"net_kg", '"net\n_\u202e\x1b[kg"'.encode())
    error = refusal(data)
    assert error.faults[0].column == "net _ [kg"
    assert str(error).isprintable()


def test_partial_returns_the_valid_rows() -> None:
    data = changed({(3, "net_kg"): "NaN", (9, "core"): "8004/9521234C000001"})
    manifest = read_manifest(data, partial=True)
    assert [fault.row for fault in manifest.faults] == [2, 3, 9]
    assert {row.row for row in manifest.rows} == set(range(2, 1082)) - {2, 3, 9}


def test_repeated_core_is_reported_in_both_rows() -> None:
    error = refusal(changed({(900, "core"): "8004/9521234C000010"}))
    first, second = error.faults
    assert (first.row, second.row) == (11, 900)
    assert "row 900 repeats it" in first.allowed
    assert "row 11 repeats it" in second.allowed
    assert {first.code, second.code} == {"manifest.duplicate"}


def test_repeated_core_is_found_in_a_row_with_another_fault() -> None:
    data = changed({(900, "core"): "8004/9521234C000010", (900, "net_kg"): "NaN"})
    assert [fault.row for fault in refusal(data).faults] == [11, 900, 900]


def test_repeated_declared_line_is_refused() -> None:
    with pytest.raises(ManifestError) as caught:
        read_declaration(changed({(7, "invt_line"): "1"}, data=DECLARATION))
    assert [fault.row for fault in caught.value.faults] == [2, 7]


@pytest.mark.parametrize(("old", "new"), [(b",0.942,", b",0,942,"), (b",0.942,", b",")])
def test_row_with_more_or_fewer_columns_is_named(old: bytes, new: bytes) -> None:
    (fault,) = refusal(MANIFEST.replace(old, new, 1)).faults
    assert (fault.row, fault.column, fault.code) == (2, "", "manifest.columns")
    assert fault.allowed == "15 columns, as in row 1"


def test_all_missing_headings_are_listed() -> None:
    lines = [line.split(b",") for line in MANIFEST.split(b"\r\n")[:3]]
    data = b"\r\n".join(b",".join(cells[:1] + cells[2:11] + cells[12:]) for cells in lines)
    for partial in (False, True):
        with pytest.raises(ManifestError) as caught:
            read_manifest(data, partial=partial)
        assert caught.value.code == "manifest.heading"
        assert [fault.column for fault in caught.value.faults] == ["core", "net_kg"]
        assert "旧件编号" in caught.value.faults[0].allowed


def test_all_unknown_and_repeated_headings_are_listed() -> None:
    data = MANIFEST.replace(b"net_kg", b"weight").replace(b"make", b"Core")
    error = refusal(data)
    assert error.code == "manifest.heading"
    assert [(fault.row, fault.given) for fault in error.faults] == [
        (1, "'Core'"),
        (1, "'weight'"),
        (1, "no such column"),
    ]
    assert error.faults[2].column == "net_kg"
    assert "'core' is the same field" in error.faults[0].allowed


def test_line_number_of_either_document_is_refused() -> None:
    data = MANIFEST.replace(b"entry_line", "商品序号".encode(), 1)
    twice = data.replace(b"invt_line", "商品序号".encode(), 1)
    assert len(refusal(twice).faults) == 2
    assert "the specific heading" in refusal(twice).faults[0].allowed
    assert read_table(data).fields[6] == "entry_line"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\r\n \n", "empty"),
        (MANIFEST.split(b"\r\n")[0], "no rows"),
        (MANIFEST.split(b"\r\n")[0] + b"\r\n,,\r\n\r\n", "no rows"),
        (b"PK\x03\x04" + MANIFEST, "workbook"),
        (b"\xd0\xcf\x11\xe0" + MANIFEST, "workbook"),
        (MANIFEST.decode().encode("utf-16"), "UTF-16"),
        (MANIFEST.decode().encode("utf-16-le"), "NUL"),
        (MANIFEST.replace(b"Bosch", b"Bo\0ch", 1), "line 4 contains a NUL"),
        (MANIFEST.replace(b"Bosch", b"B\xffsch", 1), "line 4 is not UTF-8, and line 4 is not GBK"),
        (b"\xef\xbb\xbf" + MANIFEST.replace(b"Bosch", b"\xb2\xa9\xca\xc0", 1), "line 4 is not"),
        (MANIFEST.replace(b"GM", b'"GM', 1), "row 2 and the rows after it cannot be read"),
        (MANIFEST.replace(b"Bosch", b'"Bo"sch', 1), "row 4 and the rows after it cannot be read"),
        (b"core" + b",remarks" * 200, "row 1 has 201 columns"),
        (b"a" * (64 * 1024 * 1024 + 1), "67,108,864"),
        (b"core\n" + b"x\n" * 1_000_001, "1,000,000 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses_file_that_cannot_be_read_as_a_whole(data: bytes, expected: str) -> None:
    error = file_refusal(data)
    assert error.code == "manifest.form"
    assert expected in error.message


def test_refuses_mix_of_encodings_and_names_a_line_of_each() -> None:
    rows = MANIFEST.replace(b"Bosch", "博世".encode("gbk"), 1)
    mixed = rows.replace(b"Hitachi", "日立".encode(), 1)
    error = file_refusal(mixed)
    assert error.message == "line 5 is UTF-8, but line 4 is not; use one encoding throughout"
    assert read_manifest(rows).rows[2].make == "博世"


def test_gbk_line_that_is_valid_utf8_by_chance_is_read_as_gbk() -> None:
    data = MANIFEST.replace(b"Bosch", "博世".encode("gbk"), 1)
    rows = read_manifest(data.replace(b"Hitachi", "水".encode("gbk"), 1)).rows
    assert (rows[2].make, rows[3].make) == ("博世", "水")


def test_file_without_any_known_heading_is_refused() -> None:
    error = file_refusal(b"\x1b[2Ja|b|c\n1|2|3\n")
    assert error.code == "manifest.heading"
    assert str(error).isprintable()


def test_file_with_too_many_faults_is_abandoned() -> None:
    error = refusal(MANIFEST.split(b"\r\n")[0] + b"\r\n" + b"x\r\n" * 200_000)
    assert len(error.faults) == 100_001
    assert "were not checked" in str(error)


def test_error_keeps_its_faults_when_a_location_is_added() -> None:
    error = refusal(changed({(3, "net_kg"): "NaN"})).at("manifest.csv")
    assert str(error).startswith("manifest.csv: invalid rows: 1")
    assert len(error.faults) == 1


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_only_malformed_error(data: bytes) -> None:
    for content in (data, MANIFEST[:1000] + data, ",".join(HEADINGS).encode() + b"\n" + data):
        for read in (read_table, read_manifest, read_declaration):
            try:
                read(content)
            except MalformedError:
                continue


@given(
    st.integers(2, 4),
    st.sampled_from(HEADINGS),
    st.text(st.characters(codec="utf-8"), max_size=30) | st.text("0123456789.,eE-+ ", max_size=12),
)
def test_arbitrary_cell_raises_only_malformed_error(row: int, heading: str, value: str) -> None:
    data = changed({(row, heading): value}, data=b"\r\n".join(MANIFEST.split(b"\r\n")[:5]))
    try:
        manifest = read_manifest(data, partial=True)
    except MalformedError:
        return
    assert {fault.row for fault in manifest.faults} <= {2, 3, 4, 5}
    assert len(manifest.rows) + len({fault.row for fault in manifest.faults}) == 4
