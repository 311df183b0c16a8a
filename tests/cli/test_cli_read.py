from __future__ import annotations

import io
import sqlite3
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from PIL import Image

from tests.cli.plant import BOOK, CORE, UNIT, Plant
from traceledger.formats.passport import parse_passport
from traceledger.rules.lifecycle import TABLE
from traceledger_cli.texts.layout import columns, width
from traceledger_cli.texts.words import LIVES

SVG = "{http://www.w3.org/2000/svg}"


def test_show_reports_the_status_of_an_item(busy_plant: Plant) -> None:
    shown = busy_plant.json("show", UNIT)
    assert (shown["chain"], shown["state"], shown["parts"]) == ("unit", "PACKED", [CORE])
    assert "export" in shown["next"]
    text = busy_plant.run("show", UNIT).stdout
    assert "approved and packed" in text
    assert CORE in text


@pytest.mark.parametrize("item", ["ledger", "party/plant", BOOK])
def test_show_supports_every_type_of_chain(busy_plant: Plant, item: str) -> None:
    assert busy_plant.json("show", item)["item"] == item
    assert item in busy_plant.run("show", item).stdout


def test_show_finds_items_page_by_page(busy_plant: Plant) -> None:
    search = ("show", "--search", "C0000", "--limit", "5")
    first = busy_plant.json(*search)
    last = first["items"][-1]["item"]
    second = busy_plant.json(*search, "--after", last)
    assert (len(first["items"]), first["more"]) == (5, True)
    assert second["items"][0]["item"] > last
    assert f"--after {last}" in busy_plant.run(*search).stderr


def test_show_finds_by_state_and_part_number(busy_plant: Plant) -> None:
    found = busy_plant.json("show", "--life", "PACKED", "--part-no", "RM-24261870")
    assert [row["item"] for row in found["items"]] == [UNIT]
    assert busy_plant.run("show", "--search", "nothing").stdout == "No item matches.\n"


@pytest.mark.parametrize("command", ["show", "history", "lineage", "passport"])
def test_unknown_item_is_refused(busy_plant: Plant, command: str) -> None:
    assert busy_plant.refusal(command, "x/unit/none", code=5) == "item.unknown"
    assert busy_plant.refusal(command, "x/unit", code=2) == "item.form"


def test_show_without_arguments_is_refused(busy_plant: Plant) -> None:
    assert busy_plant.refusal("show", code=2) == "usage.option"


def test_every_state_has_plain_words() -> None:
    assert {row.to for row in TABLE} <= LIVES.keys()


def test_history_shows_each_reader_their_fields_only(busy_plant: Plant) -> None:
    seen = {
        reader: busy_plant.json("history", CORE, "--as", reader)["events"][0]
        for reader in ("all", "customs", "public")
    }
    assert seen["all"]["withheld"] == []
    assert seen["customs"]["withheld"] == ["old_serial", "pallet"]
    assert seen["customs"]["data"]["net_kg"] == "0.942"
    assert seen["public"]["withheld"] == ["net_kg", "old_serial", "pallet", "unit_value"]
    assert "0.942" not in busy_plant.run("history", CORE, "--as", "public").stdout


def test_history_is_in_order_and_complete(busy_plant: Plant) -> None:
    events = busy_plant.json("history", UNIT)["events"]
    assert [event["kind"] for event in events] == ["assemble", "test", "approve", "pack"]
    assert [event["seq"] for event in events] == [0, 1, 2, 3]
    text = busy_plant.run("history", UNIT).stdout
    assert "重庆雨翔智能科技有限公司" in text


def test_lineage_leads_from_the_declaration_to_the_unit(busy_plant: Plant) -> None:
    for item in (CORE, UNIT):
        found = busy_plant.json("lineage", item)
        links = {(edge["source"], edge["target"], edge["link"]) for edge in found["edges"]}
        assert (CORE, UNIT, "input") in links
        assert any(link == "declaration" for _, _, link in links)
    text = busy_plant.run("lineage", UNIT).stdout.splitlines()
    assert text[0].startswith(UNIT)
    assert text[1].startswith(f"└─ made from {CORE}")
    assert text[2].startswith("   └─ declared on decl/")


def test_lineage_can_be_drawn(busy_plant: Plant) -> None:
    busy_plant.run("lineage", UNIT, "--svg", busy_plant.path("l.svg"))
    picture = ET.parse(busy_plant.folder / "l.svg").getroot()  # noqa: S314 - a trusted file
    texts = {found.text for found in picture.iter(f"{SVG}text")}
    assert {CORE, UNIT} <= texts
    assert len(list(picture.iter(f"{SVG}rect"))) == 3
    assert len(list(picture.iter(f"{SVG}path"))) == 2


def test_passport_is_written_to_stdout_or_a_file(busy_plant: Plant) -> None:
    written = busy_plant.run("passport", UNIT).stdout_bytes
    busy_plant.run("passport", UNIT, "-o", busy_plant.path("p.json"))
    assert (busy_plant.folder / "p.json").read_bytes() == written
    assert parse_passport(written).item == UNIT


def test_passport_discloses_only_what_its_reader_may_see(busy_plant: Plant) -> None:
    def disclosures(reader: str) -> int:
        data = busy_plant.run("passport", UNIT, "--as", reader).stdout_bytes
        return sum(
            wire.count(b"~") - 1 for chain in parse_passport(data).chains for wire in chain.events
        )

    assert disclosures("public") == 0
    assert 0 < disclosures("customs") < disclosures("all")


def test_label_leads_to_the_item(busy_plant: Plant) -> None:
    busy_plant.run("label", UNIT, "-o", busy_plant.path("l.png"))
    image = Image.open(io.BytesIO((busy_plant.folder / "l.png").read_bytes()))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == f"https://id.example/{UNIT}"


def test_labels_of_several_items_are_written_to_a_folder(busy_plant: Plant) -> None:
    written = busy_plant.json("label", UNIT, CORE, "-o", busy_plant.path("labels"))
    names = sorted(path.name for path in (busy_plant.folder / "labels").iterdir())
    assert names == ["01_09521234543213_21_7KQ2X4PM9ATRWC.svg", "8004_9521234C000001.svg"]
    assert set(written["labels"]) == {UNIT, CORE}


def test_label_in_an_unknown_format_is_refused(busy_plant: Plant) -> None:
    label = ("label", UNIT, "-o", busy_plant.path("l.gif"))
    assert busy_plant.refusal(*label, code=2) == "usage.option"
    assert busy_plant.refusal("label", BOOK, "-o", busy_plant.path("l.svg"), code=2) == "link.form"
    dpi = ("label", UNIT, "-o", busy_plant.path("l.png"), "--dpi", "5")
    assert busy_plant.refusal(*dpi, code=2) == "usage.option"


def test_wide_characters_occupy_two_columns() -> None:
    assert width("再制造") == 6
    lines = columns([("重庆", "x"), ("abcdef", "y")]).splitlines()
    assert [width(line) for line in lines] == [9, 9]


def test_checkpoint_publishes_only_new_entries(busy_plant: Plant) -> None:
    first = busy_plant.json("checkpoint")
    assert busy_plant.json("checkpoint") == first
    assert busy_plant.run("checkpoint").stdout.rstrip("\n") + "\n" == first["note"]
    busy_plant.run("hold", CORE, "--authority", "quality", "--key", "lab")
    waiting = busy_plant.run("checkpoint", "--dry-run")
    assert waiting.stderr.startswith("1 entries")
    assert waiting.stdout.rstrip("\n") + "\n" == first["note"]
    assert busy_plant.json("checkpoint")["size"] == first["size"] + 2


def test_rebuild_replaces_stored_states_that_differ(busy_plant: Plant) -> None:
    with sqlite3.connect(busy_plant.ledger / "ledger.db") as database:
        database.execute("UPDATE head SET life = 'EXPORTED' WHERE item = ?", (CORE,))
    database.close()
    assert busy_plant.json("show", CORE)["state"] == "EXPORTED"
    assert busy_plant.json("rebuild", "--dry-run")["differing"] == [CORE]
    assert busy_plant.json("show", CORE)["state"] == "EXPORTED"
    assert busy_plant.json("rebuild")["differing"] == [CORE]
    assert busy_plant.json("show", CORE)["state"] == "CONSUMED"
    assert busy_plant.json("rebuild")["differing"] == []


def test_explain_covers_every_code(plant: Plant) -> None:
    codes = plant.json("explain")["codes"]
    for code in ("life.transition", "passport.item", "usage.option"):
        assert plant.json("explain", code)["meaning"] == codes[code]
    assert "What to do: " in plant.run("explain", "store.busy").stdout
    assert plant.json("explain", "4")["meaning"].startswith("incomplete")
    assert plant.refusal("explain", "life.transitoin", code=5) == "usage.code"
    assert "life.transition" in plant.run("explain", "life.transitoin", code=5).stderr
