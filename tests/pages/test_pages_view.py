"""What a page states about a part, as its script derives it from the verified events."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.pages.shop import Shop
from traceledger.identifiers.code_lists import COUNTRIES
from traceledger_api.pages.words import load_words

JS = Path(__file__).parents[1] / "js"
STATIC = Path(__file__).parents[2] / "api" / "traceledger_api" / "static"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def node(program: str, given: object) -> Any:
    """Runs a module beside the scripts of the pages, which reads and prints JSON."""
    run = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        cwd=STATIC,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def describe(shop: Shop, item: str) -> dict[str, Any]:
    shop.show(item)
    files = {"passport": shop.passports[item], "trust": shop.trust}
    given = {name: base64.b64encode(data).decode() for name, data in files.items()}
    run = subprocess.run(
        ["node", JS / "describe.mjs"],
        input=json.dumps({**given, "item": item}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    part: dict[str, Any] = json.loads(run.stdout)["part"]
    return part


def lines(part: dict[str, Any], scene: int = -1) -> dict[str, Any]:
    return {line["title"]: line for line in part["scenes"][scene]["lines"]}


def test_story_looks_up_what_a_signer_wrote_of_a_part_in_the_vocabulary(shop: Shop) -> None:
    """Else the reader of another language finds English words between the page's own."""
    part = describe(shop, shop.new("SCRAPPED"))
    assert lines(part, 0)["story.receive.ok"]["facts"] == [{"terms": ["as removed, complete"]}]
    assert lines(part)["story.scrap"]["facts"] == [{"terms": ["housing cracked"]}]


def test_story_begins_with_the_used_part_and_covers_every_event(shop: Shop) -> None:
    item = shop.new()
    part = describe(shop, item)
    assert [scene["heading"] for scene in part["scenes"]] == ["scene.import", "scene.own"]
    assert part["scenes"][0]["lines"][0]["title"] == "story.import"
    told = [
        event for scene in part["scenes"] for line in scene["lines"] for event in line["events"]
    ]
    things = [scene["item"] for scene in part["scenes"]]
    assert things[-1] == item
    assert sorted(told) == sorted(event.id for thing in things for event in shop.log.chain(thing))


def test_parts_of_parts_and_earlier_lives_have_separate_chapters(shop: Shop) -> None:
    world = shop.log.world
    first = world.unit("REIMPORTED")
    second = world.unit(parts=(world.core("IN_PROCESS", parent=first), world.component()))
    shop.log.wires, shop.log.events = list(world.wires), list(world.events)
    part = describe(shop, second)
    assert [scene["heading"] for scene in part["scenes"]] == [
        "scene.import",
        "scene.assemble",
        "scene.import",
        "scene.import",
        "scene.harvest",
        "scene.own",
    ]
    assert [scene["open"] for scene in part["scenes"]] == [False, False, True, True, True, True]
    assert [one["depth"] for one in part["family"]] == [0, 1, 2, 3, 1, 2]


def test_correction_changes_what_is_shown_and_is_marked(shop: Shop) -> None:
    item = shop.new("PACKED")
    packed = shop.log.chain(item)[-1].id
    change = {"reason": "typing error", "set_public": {"batch": "2030-01"}}
    refs = [("target", item, packed)]
    shop.log.add("correct", item, change, by="operator", refs=refs)
    part = describe(shop, item)
    assert part["batch"] == "2030-01"
    assert lines(part)["story.pack"]["corrected"]
    assert {"text": "typing error"} in lines(part)["story.correct"]["facts"]


def test_voided_correction_is_not_shown_as_the_value(shop: Shop) -> None:
    item = shop.new("PACKED")
    batch, packed = describe(shop, item)["batch"], shop.log.chain(item)[-1].id
    change = {"reason": "typing error", "set_public": {"batch": "2030-01"}}
    wrong = shop.log.add("correct", item, change, by="operator", refs=[("target", item, packed)])
    shop.log.add("void", item, by="operator", refs=[("target", item, wrong.id)])
    part = describe(shop, item)
    assert part["batch"] == batch
    assert not lines(part)["story.pack"]["corrected"]
    assert lines(part)["story.correct"]["void"]


def test_what_could_not_be_judged_is_marked_and_states_nothing_about_the_part(shop: Shop) -> None:
    """A checker of today may meet an approval of tomorrow, by whoever may sign it then."""
    item = shop.new("TESTED")
    shop.log.add("endorse", "party/plant", by="root")
    approved = shop.log.add("approve", item, by="operator")
    target = [("target", item, approved.id)]
    shop.log.add("confirm", item, {"result": "confirmed"}, by="customs", refs=target)
    shop.log.add("pack", item, by="operator")
    shop.log.add(
        "correct",
        item,
        {"set_public": {"part_no": "9"}},
        by="carrier",
        refs=[("target", item, shop.log.chain(item)[0].id)],
    )
    part = describe(shop, item)
    assert (part["standing"], part["approval"], part["standards"]) == ("unreleased", {}, [])
    assert (part["maker"], "warranty" in part, part["partNo"] == "9") == ("", False, False)
    found = lines(part)
    assert [name for name, line in found.items() if not line["isJudged"]] == [
        "story.approve.pass",
        "story.confirm.confirmed",
        "story.pack",
        "story.correct",
    ]
    assert not found["story.assemble"]["corrected"]
    shop.log.add("recall", item, by="operator")
    assert describe(shop, item)["standing"] == "unknown"


def test_voided_confirmation_is_struck_out_and_confirms_nothing(shop: Shop) -> None:
    item = shop.new("EXPORTED")
    exported = shop.log.chain(item)[-1].id
    target = [("target", item, exported)]
    answer = shop.log.add("confirm", item, {"result": "confirmed"}, by="carrier", refs=target)
    assert lines(describe(shop, item))["story.export"]["confirmedBy"] == ["carrier"]
    shop.log.add("void", item, by="carrier", refs=[("target", item, answer.id)])
    found = lines(describe(shop, item))
    assert found["story.export"]["confirmedBy"] == []
    assert found["story.confirm.confirmed"]["void"]


def test_voided_event_is_struck_out_and_has_no_effect(shop: Shop) -> None:
    item = shop.new("PACKED")
    packed = shop.log.chain(item)[-1].id
    shop.log.add("void", item, by="operator", refs=[("target", item, packed)])
    part = describe(shop, item)
    assert (part["batch"], part["seal"], part["standing"]) == ("", "", "unreleased")
    found = [line["void"] for line in part["scenes"][-1]["lines"]]
    assert found == [False, False, False, True, False]


def test_attested_and_asserted_events_are_distinguished(shop: Shop) -> None:
    part = describe(shop, shop.new("DIVERTED"))

    def mark(line: dict[str, Any]) -> tuple[bool, bool]:
        return line["attested"], line["asserted"]

    assert mark(lines(part)["story.divert"]) == (True, False)
    assert mark(lines(part)["story.approve.pass"]) == (False, False)
    assert mark(lines(part, 0)["story.import"]) == (False, True)


def test_recall_names_what_it_affects(shop: Shop) -> None:
    item = shop.new()
    shop.log.add("recall", item, {"criteria": "built before May"}, by="importer")
    (recall,) = describe(shop, item)["recalls"]
    assert recall["criteria"] == "built before May"


def test_newest_test_comes_first_and_a_failed_test_is_kept(shop: Shop) -> None:
    item = shop.new("FAILED")
    shop.log.add("repair", item, by="operator")
    shop.log.add("test", item, {"run": 2}, by="quality")
    assert [run["passed"] for run in describe(shop, item)["tests"]] == [True, False]


@pytest.mark.parametrize(
    ("item", "rest", "tail"),
    [
        ("x/unit/PUMP-000451", "PUMP-", "000451"),
        ("01/09521234543213/21/7KQ2X4PM9ATRWC", "7KQ2 X4PM", "9ATR WC"),
        ("01/09521234543213/21/A", "", "A"),
        ("01/09521234543213/21/ABCDEFGH", "", "ABCD EFGH"),
        ("01/09521234543213/21/ABCDEFGHIJKL", "ABCD", "EFGH IJKL"),
        ("01/09521234543213/21/ABCDEFGHIJKLMNOPQRST", "ABCD EFGH IJKL", "MNOP QRST"),
    ],
)
def test_question_asks_for_the_last_groups_of_the_number(item: str, rest: str, tail: str) -> None:
    program = """
        import { splitNumber } from "./part.js";
        import { readFileSync } from "node:fs";
        console.log(JSON.stringify(splitNumber(JSON.parse(readFileSync(0, "utf8")))));
    """
    assert node(program, item) == {"rest": rest, "tail": tail}


CHART = """
import { chartOf } from "./part.js";
import { readFileSync } from "node:fs";
const { value, low, high } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(chartOf(value, low, high) ?? null));
"""


@pytest.mark.parametrize(
    "measured",
    [
        {"value": "0.42", "low": "0.30", "high": "0.60"},
        {"value": "-3", "low": "-5", "high": "-1"},
        {"value": "1000000", "low": "0", "high": "1"},
        {"value": "-1000000", "low": "0", "high": "1"},
    ],
)
def test_chart_shows_on_which_side_of_its_limits_a_value_is(measured: dict[str, str]) -> None:
    chart = node(CHART, measured)
    assert 0 <= chart["low"] < chart["high"] <= 1
    assert 0 <= chart["value"] <= 1
    value, low, high = (float(measured[name]) for name in ("value", "low", "high"))
    assert (chart["value"] < chart["low"]) == (value < low)
    assert (chart["value"] > chart["high"]) == (value > high)


def test_allowed_range_is_as_wide_as_the_chart_that_has_the_limits_at_its_ends() -> None:
    """A limit beside a longer bar reads as the end of that bar."""
    chart = node(CHART, {"value": "0.42", "low": "0.30", "high": "0.60"})
    assert (chart["low"], chart["high"]) == (0, 1)


@pytest.mark.parametrize(
    "measured",
    [
        {"value": "1", "low": "0"},
        {"value": "1"},
        {"value": "0", "low": "0", "high": "0"},
        {"value": "7", "low": "9", "high": "0"},
    ],
)
def test_no_chart_without_a_range(measured: dict[str, str]) -> None:
    """A bar for a range of zero width reads as if any value were far outside it."""
    assert node(CHART, measured) is None


def test_every_country_has_the_two_letters_that_browsers_name() -> None:
    program = """
        import { twoLetters } from "./countries.js";
        import { readFileSync } from "node:fs";
        console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(twoLetters)));
    """
    words = load_words("en")
    codes = sorted(COUNTRIES)
    for alpha3, alpha2 in zip(codes, node(program, codes), strict=True):
        assert words.country(alpha3) == words.locale.territories[alpha2], alpha3


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("recall desk, +86 23 5550 0100", ["tel:+862355500100"]),
        (
            "desk@maker.example or (040) 123-4567",
            ["mailto:desk@maker.example?subject=A%20%26%20B", "tel:0401234567"],
        ),
        (
            "召回专线：400-820-1234，a.b@c.example。",
            ["tel:4008201234", "mailto:a.b@c.example?subject=A%20%26%20B"],
        ),
        ("campaign 2025-01, room 12", []),
        ("javascript:alert(1)@x", []),
        ("a?cc=b@c.example", ["mailto:a%3Fcc%3Db@c.example?subject=A%20%26%20B"]),
    ],
)
def test_contact_is_called_or_written_to_with_the_number(text: str, links: list[str]) -> None:
    """A contact is a stranger's text: it adds no other recipient and no other scheme."""
    program = """
        import { splitContact } from "./contact.js";
        import { readFileSync } from "node:fs";
        console.log(JSON.stringify(splitContact(JSON.parse(readFileSync(0, "utf8")), "A & B")));
    """
    parts = node(program, text)
    assert "".join(part["text"] for part in parts) == text
    assert [part["href"] for part in parts if "href" in part] == links
