"""The comparison with customs' own list: what agrees, what differs, and what one side lacks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.audit.accounts import Plant, codes
from tests.forging import Forger, audit
from traceledger.audit.comparison import ListRow
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.errors import MalformedError
from traceledger.manifests.customs_list import read_customs_list

DATA = Path(__file__).parents[1] / "data" / "lists"
MESSAGE = DATA / "03-inv101.xml"
LIST, ENTRY, BOOK = "QD801226I000000321", "801220261000000777", "H80122500001"


def compared(plant: Plant, rows: tuple[ListRow, ...]) -> dict[str, Any]:
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    fold = AccountFold(Scope(book=plant.book_id), trust.customs, rows)
    audit(log.files(), trust, folds={"account": fold})
    return fold.finish()


def declare(plant: Plant, line: int, quantity: str, kg: str, value: str, **fields: Any) -> str:
    """A line as on the message, with what the test makes differ."""
    data = {
        "list_no": LIST,
        "list_line": line,
        "entry_no": ENTRY,
        "entry_line": 1,
        "hs10": "9032899099",
        "total": {"amount": value, "currency": "USD"},
        "origin": "USA",
        **fields,
    }
    return plant.declare("declare_in", quantity, kg, **data)


def read(data: bytes | None = None) -> tuple[ListRow, ...]:
    return read_customs_list(MESSAGE.read_bytes() if data is None else data, "inv.xml")


def test_message_is_read_without_its_deleted_line() -> None:
    """A deleted line is no declaration; counting it would hide a missing core."""
    first, second = read()
    assert (first.list_no, first.list_line, first.entry_no, first.entry_line) == (
        LIST,
        1,
        ENTRY,
        1,
    )
    assert (str(first.quantity), first.unit, str(first.net_kg)) == ("30", "007", "28.8")
    assert (first.currency, first.country, first.direction) == ("USD", "USA", "in")
    assert (second.list_line, second.part_no) == (2, "24261871")


def test_latest_version_of_a_list_counts() -> None:
    changed = MESSAGE.read_bytes().replace(b"<DclQty>30<", b"<DclQty>29<")
    changed = changed.replace(b"<ChgTmsCnt>0<", b"<ChgTmsCnt>1<")
    start, end = b"<InvtMessage>", b"</InvtMessage>"
    newer = changed[changed.index(start) : changed.index(end) + len(end)]
    both = MESSAGE.read_bytes().replace(start, newer + start, 1)
    assert str(read(both)[0].quantity) == "29"
    again = MESSAGE.read_bytes().replace(
        start, newer.replace(b"<ChgTmsCnt>1<", b"<ChgTmsCnt>0<") + start, 1
    )
    assert [str(row.quantity) for row in read(again)] == ["29", "4", "30", "4"]
    for count in (b"two", b"9" * 5_000):
        with pytest.raises(MalformedError, match="list 1, chgtmscnt"):
            read(MESSAGE.read_bytes().replace(b"<ChgTmsCnt>0<", b"<ChgTmsCnt>%b<" % count))


def test_lists_that_have_no_number_yet_do_not_replace_each_other() -> None:
    """Before acceptance a list has no number from customs; all but the last were lost."""
    data = MESSAGE.read_bytes().replace(b"<BondInvtNo>QD801226I000000321</BondInvtNo>", b"")
    start, end = b"<InvtMessage>", b"</InvtMessage>"
    other = data[data.index(start) : data.index(end) + len(end)].replace(b"000777<", b"000778<")
    rows = read(data.replace(start, other + start, 1))
    assert [(row.entry_no, row.part_no) for row in rows] == [
        (number, part)
        for number in ("801220261000000778", ENTRY)
        for part in ("24261870", "24261871")
    ]


def test_message_whose_lines_have_no_number_is_refused() -> None:
    """Nothing would be compared, and the account would state that it was."""
    data = MESSAGE.read_bytes().replace(b"<BondInvtNo>QD801226I000000321</BondInvtNo>", b"")
    with pytest.raises(MalformedError) as caught:
        read(data.replace(b"<EntryGdsSeqno>1</EntryGdsSeqno>", b"", 1))
    assert (caught.value.code, caught.value.where) == ("manifest.head", "inv.xml, row 1")
    with pytest.raises(MalformedError, match="no lines"):
        read(MESSAGE.read_bytes().replace(b"<ModfMarkcd>0<", b"<ModfMarkcd>2<"))


def test_weight_is_the_statutory_quantity_where_the_list_has_none() -> None:
    data = MESSAGE.read_bytes().replace(b"<NetWt>28.8</NetWt>", b"<NetWt/>")
    assert str(read(data)[0].net_kg) == "28.8"
    data = data.replace(b"<SecdLawfUnitcd>035<", b"<SecdLawfUnitcd>007<")
    assert read(data)[0].net_kg is None


def test_hundreds_are_counted_out() -> None:
    data = MESSAGE.read_bytes().replace(b"<DclUnitcd>007<", b"<DclUnitcd>043<", 1)
    assert (str(read(data)[0].quantity), read(data)[0].unit) == ("3000", "007")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"<DclQty>30<", b"<DclQty>3O<", "line 1, dclqty"),
        (b"<DclCurrcd>502<", b"<DclCurrcd>599<", "line 1, dclcurrcd"),
        (b"<GdsSeqno>1<", b"<GdsSeqno>one<", "line 1, gdsseqno"),
    ],
)
def test_wrong_value_is_refused_with_its_place(old: bytes, new: bytes, place: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(MESSAGE.read_bytes().replace(old, new, 1))
    assert caught.value.code == "manifest.value"
    assert place in caught.value.where


@pytest.mark.parametrize(
    "data",
    [
        b"<list/>",
        b"<list",
        b'<!DOCTYPE a [<!ENTITY b "c">]><list>&b;</list>',
        b"<InvtMessage><InvtHeadType/></InvtMessage",
    ],
)
def test_other_documents_are_refused(data: bytes) -> None:
    """A list comes from outside: entities could read files or exhaust memory."""
    with pytest.raises(MalformedError) as caught:
        read(data)
    assert caught.value.code == "manifest.form"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_document_type_is_refused_in_encodings_that_look_like_xml(encoding: str) -> None:
    """Entities exhaust memory; without a byte order mark, UTF-16 hid them from the pattern."""
    with pytest.raises(MalformedError, match="document types"):
        read('<!DOCTYPE a [<!ENTITY b "c">]><list>&b;</list>'.encode(encoding))


def test_lists_that_agree_have_no_finding() -> None:
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    declare(plant, 2, "4", "3.840", "340.00")
    described = compared(plant, read())
    assert [match["status"] for match in described["comparison"]] == ["equal", "equal"]
    assert (codes(described), described["customs_list"]) == ([], True)


def test_every_difference_is_named() -> None:
    plant = Plant()
    declare(plant, 1, "31", "28.800", "2550.00", mode="1300", book_line=12)
    declare(plant, 2, "4", "3.900", "340.01", origin="DEU")
    described = compared(plant, read())
    one, two = described["comparison"]
    assert one["fields"] == ["quantity", "mode", "book_line"]
    assert two["fields"] == ["net_kg", "value", "country"]
    assert codes(described) == ["LST-03", "LST-03"]


def test_line_on_one_side_only_is_found() -> None:
    """A core that was never entered shows in no log; only customs' own list can tell."""
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    declare(plant, 9, "1", "1.000", "1.00")
    outward = plant.declare_out(1, "1.000", list_no="QD801226E000000001")
    described = compared(plant, read())
    assert [match["status"] for match in described["comparison"]] == [
        "equal",
        "only_customs",
        "only_ledger",
    ]
    assert codes(described) == ["LST-01", "LST-02"]
    assert outward not in str(described["comparison"])


def test_lines_merged_in_the_declaration_are_compared_in_sum() -> None:
    """Several lines of a list become one line of the declaration (归并)."""
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    declare(plant, 2, "4", "3.840", "340.00")
    data = MESSAGE.read_bytes().replace(f"<BondInvtNo>{LIST}</BondInvtNo>".encode(), b"")
    (match,) = compared(plant, read(data))["comparison"]
    assert (match["status"], match["key"]) == ("equal", ["entry", ENTRY, "1"])
    assert (match["customs"]["quantity"], match["customs"]["merged"]) == ("34", 2)


def test_two_lines_of_one_number_are_ambiguous() -> None:
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    data = MESSAGE.read_bytes().replace(b"<GdsSeqno>2<", b"<GdsSeqno>1<")
    assert codes(compared(plant, read(data))) == ["LST-04"]
    assert codes(compared(plant, (*read()[:1], *read()[:1]))) == []


def test_part_number_under_two_book_lines_is_found() -> None:
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    declare(plant, 2, "4", "3.840", "340.00", book_line=12)
    data = MESSAGE.read_bytes().replace(b"24261871", b"24261870")
    second = data.index(b"<GdsSeqno>2<")
    tail = data[second:].replace(b"<PutrecSeqno>11<", b"<PutrecSeqno>12<", 1)
    assert codes(compared(plant, read(data[:second] + tail))) == ["LST-05"]


def test_list_as_csv_is_compared_too() -> None:
    rows = read_customs_list((DATA / "26-declaration-ok.csv").read_bytes(), "list.csv")
    assert {row.direction for row in rows} == {"in"}
    assert {row.file for row in rows} == {"list.csv"}
    plant = Plant()
    assert set(codes(compared(plant, rows))) == {"LST-01"}


def row(**given: Any) -> ListRow:
    """A row of a list that has only these columns."""
    columns: dict[str, Any] = dict.fromkeys(ListRow.__slots__) | {"file": "list", "row": 1}
    return ListRow(**columns | given)


def test_stock_of_customs_book_is_compared_with_what_is_open() -> None:
    """Customs' closing stock and the plant's open cores are the same goods."""
    plant = Plant()
    for number, cores in ((11, 2), (12, 1), (13, 1)):
        line = plant.declare_in(cores, f"{cores}.000", book_line=number)
        (core, *_) = [plant.import_core(line, state="RECEIVED") for _ in range(cores)]
        if number == 13:
            plant.send_back(core, plant.declare_out(1, "1.000", book_line=13), "1.000")

    def statuses(*stock: tuple[int, int]) -> list[tuple[str, str]]:
        rows = [
            row(
                part_no=f"P-{n}", direction="in", book_no=BOOK, book_line=line, open=Decimal(pieces)
            )
            for n, (line, pieces) in enumerate(stock)
        ]
        matches = compared(plant, tuple(rows))["comparison"]
        return [(match["key"][2], match["status"]) for match in matches]

    assert statuses((11, 1), (11, 1), (12, 1)) == [("11", "equal"), ("12", "equal")]
    assert statuses((11, 2), (12, 1), (13, 0)) == [(str(n), "equal") for n in (11, 12, 13)]
    assert statuses((11, 3), (14, 1)) == [
        ("11", "differs"),
        ("12", "only_ledger"),
        ("14", "only_customs"),
    ]


def test_what_is_carried_forward_is_compared_with_what_is_open() -> None:
    """A bill of discharge that keeps quiet about a missing core does not agree."""
    plant = Plant()
    line = declare(plant, 1, "2", "2.000", "2.00")
    core, _ = (plant.import_core(line, state="RECEIVED") for _ in range(2))
    entry = {"entry_no": ENTRY, "entry_line": 1, "direction": "in", "unit": "{piece}"}
    plant.send_back(core, plant.declare_out(1, "1.000"), "1.000")
    for carried, fields in ((1, None), (0, ["open"])):
        rows = (row(**entry, quantity=Decimal(2), open=Decimal(carried)),)
        (match,) = compared(plant, rows)["comparison"]
        assert match.get("fields") == fields
        assert (match["customs"]["open"], match["declared"]["open"]) == (str(carried), "1")


def test_list_and_statement_of_stock_are_compared_side_by_side() -> None:
    """A line that both have must not be missing in one of them."""
    plant = Plant()
    declare(plant, 1, "30", "28.800", "2550.00")
    declare(plant, 2, "4", "3.840", "340.00")
    stock = row(direction="in", book_no=BOOK, book_line=11, open=Decimal(0))
    described = compared(plant, (*read(), stock))
    assert [match["status"] for match in described["comparison"]] == ["equal"] * 3


def listed(line: int = 1, **given: Any) -> ListRow:
    """A row for a line of the list of the tests."""
    return row(list_no=LIST, list_line=line, direction="in", **given)


@pytest.mark.parametrize(
    ("declared", "quantity", "fields"),
    [
        (("300", "007"), ("300", "035"), ["measure"]),
        (("300", "035"), ("7", "007"), ["measure"]),
        (("300", "035"), ("299", "035"), ["quantity"]),
        (("300", "035"), ("300000", "036"), []),
        (("300", "007"), ("300", "011"), []),
        (("300", "007"), ("299", "025"), []),  # pairs: a number of pieces is unknown
    ],
)
def test_pieces_are_not_compared_with_kilograms(
    declared: tuple[str, str], quantity: tuple[str, str], fields: list[str]
) -> None:
    """300 pieces would agree with 300 kg, and 300 kg with any number of pieces."""
    plant, (amount, unit) = Plant(), declared
    plant.declare("declare_in", amount, "300", unit=unit, list_no=LIST, list_line=1)
    rows = (listed(quantity=Decimal(quantity[0]), unit=quantity[1]),)
    (match,) = compared(plant, rows)["comparison"]
    assert match.get("fields", []) == fields


def test_a_quantity_of_pieces_and_kilograms_has_no_sum() -> None:
    plant = Plant()
    plant.declare(
        "declare_in", "300", "300", list_no=LIST, list_line=1, entry_no=ENTRY, entry_line=1
    )
    rows = tuple(
        row(quantity=Decimal(150), unit=unit, entry_no=ENTRY, entry_line=1)
        for unit in ("007", "035")
    )
    (match,) = compared(plant, rows)["comparison"]
    assert match["customs"]["measure"] == ["kg", "{piece}"]
    assert "quantity" not in match["customs"]


@pytest.mark.parametrize(
    ("code", "status"), [("87084010", "equal"), ("87084091", "differs"), ("8708", "differs")]
)
def test_commodity_codes_are_compared_in_the_digits_that_both_have(code: str, status: str) -> None:
    """Bills of the EU have eight digits where a declaration in China has ten."""
    plant = Plant()
    plant.declare("declare_in", "1", "1", list_no=LIST, list_line=1, hs10="8708401000")
    (match,) = compared(plant, (listed(hs10=code),))["comparison"]
    assert match["status"] == status


def test_a_list_of_all_books_is_compared_with_an_account_of_one() -> None:
    """The lines of the other book would be missing in the ledger."""
    plant = Plant()
    first = plant.book_id
    plant.declare("declare_in", "1", "1", list_no=LIST, list_line=1)
    plant.book_id = "book/ANOTHER-BOOK-9999"
    plant.add("open_book", plant.book_id, {"number": "H2"})
    plant.declare("declare_in", "1", "1", list_no=LIST, list_line=2)
    plant.book_id = first
    rows = (listed(1), listed(2), listed(3, book_no="H2"), listed(4))
    found = compared(plant, rows)["comparison"]
    assert [(match["key"][2], match["status"]) for match in found] == [
        ("1", "equal"),
        ("4", "only_customs"),
    ]


@pytest.mark.parametrize(
    ("mark", "number", "direction", "country"),
    [
        ("E", LIST, "out", "CHN"),
        ("e", LIST, "out", "CHN"),
        ("", LIST.replace("I", "E"), "out", "CHN"),
        ("", LIST, "in", "USA"),
        ("", "LX-1", "in", "USA"),  # by the ninth digit of the declaration's number
    ],
)
def test_direction_of_a_message_without_a_mark_is_that_of_its_number(
    mark: str, number: str, direction: str, country: str
) -> None:
    """Exports would be compared by their origin, and each would differ."""
    data = MESSAGE.read_bytes().replace(
        b"<ImpexpMarkcd>I</ImpexpMarkcd>", f"<ImpexpMarkcd>{mark}</ImpexpMarkcd>".encode()
    )
    data = data.replace(LIST.encode(), number.encode())
    first, _ = read(data)
    assert (first.direction, first.country) == (direction, country)


def test_country_without_a_direction_is_not_compared() -> None:
    data = MESSAGE.read_bytes().replace(b"<ImpexpMarkcd>I</ImpexpMarkcd>", b"")
    data = data.replace(LIST.encode(), b"LX-1").replace(ENTRY.encode(), b"LX-2")
    assert [(row.direction, row.country) for row in read(data)] == [(None, None)] * 2
