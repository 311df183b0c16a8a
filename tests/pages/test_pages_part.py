from __future__ import annotations

import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.shop import Shop
from traceledger.verify import describe_result, verify_passport
from traceledger_api.pages.buyer.charts import WIDTH, draw_measurement
from traceledger_api.pages.buyer.page import HEADERS, Site, render_part, render_unknown
from traceledger_api.pages.buyer.part import Part, describe_part
from traceledger_api.pages.buyer.reading_order import History, read_history
from traceledger_api.pages.words import LANGUAGES, load_words
from traceledger_api.scans import Scans

ENGLISH = load_words("en")
SITE = Site("id.example", contact="quality@maker.example")
HOSTILE = "\"><script>alert(1)</script><b onclick='x'>{{ 7*7 }}{0}"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def read(shop: Shop, item: str) -> tuple[History, dict[str, Any]]:
    shop.show(item)
    verdict = verify_passport(shop.passports[item], shop.trust, item, now=int(time.time()))
    return read_history(shop.passports[item]), describe_result(verdict)


def describe(shop: Shop, item: str) -> Part:
    return describe_part(*read(shop, item), ENGLISH)


class Tags(HTMLParser):
    """The tags of a page, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def render(shop: Shop, item: str, language: str = "en", scans: Scans | None = None) -> str:
    _, found = read(shop, item)
    return render_part(shop.passports[item], found, SITE, load_words(language), scans)


def test_story_begins_with_the_used_part_and_covers_every_event(shop: Shop) -> None:
    item = shop.new()
    history, found = read(shop, item)
    part = describe_part(history, found, ENGLISH)
    assert [scene.heading for scene in part.scenes] == ["Used part", "This part"]
    assert part.scenes[0].lines[0].title == ENGLISH("story.import")
    told = [event for scene in part.scenes for line in scene.lines for event in line.events]
    things = [item, history.made_of[0].item]
    assert sorted(told) == sorted(event.id for thing in things for event in shop.log.chain(thing))


def test_parts_of_parts_and_earlier_lives_have_separate_chapters(shop: Shop) -> None:
    world = shop.log.world
    first = world.unit("REIMPORTED")
    second = world.unit(parts=(world.core("IN_PROCESS", parent=first), world.component()))
    shop.log.wires, shop.log.events = list(world.wires), list(world.events)
    part = describe(shop, second)
    assert [scene.heading for scene in part.scenes] == [
        "Used part",
        "Earlier life",
        "Used part",
        "Used part",
        "Component of a used part",
        "This part",
    ]
    assert [scene.open for scene in part.scenes] == [False, False, True, True, True, True]
    assert [one.depth for one in part.family] == [0, 1, 2, 3, 1, 2]


def test_correction_changes_what_is_shown_and_is_marked(shop: Shop) -> None:
    item = shop.new("PACKED")
    packed = shop.log.chain(item)[-1].id
    change = {"reason": "typing error", "set_public": {"batch": "2030-01"}}
    refs = [("target", item, packed)]
    shop.log.add("correct", item, change, by="operator", refs=refs)
    part = describe(shop, item)
    assert part.batch == "2030-01"
    lines = {line.title: line for line in part.scenes[-1].lines}
    assert lines[ENGLISH("story.pack")].corrected
    assert "typing error" in lines[ENGLISH("story.correct")].details


def test_voided_correction_is_not_shown_as_the_value(shop: Shop) -> None:
    item = shop.new("PACKED")
    batch, packed = describe(shop, item).batch, shop.log.chain(item)[-1].id
    change = {"reason": "typing error", "set_public": {"batch": "2030-01"}}
    wrong = shop.log.add("correct", item, change, by="operator", refs=[("target", item, packed)])
    shop.log.add("void", item, by="operator", refs=[("target", item, wrong.id)])
    part = describe(shop, item)
    assert part.batch == batch
    lines = {line.title: line for line in part.scenes[-1].lines}
    assert not lines[ENGLISH("story.pack")].corrected
    assert lines[ENGLISH("story.correct")].void


def test_voided_confirmation_is_struck_out_and_confirms_nothing(shop: Shop) -> None:
    item = shop.new("EXPORTED")
    exported = shop.log.chain(item)[-1].id
    target = [("target", item, exported)]
    answer = shop.log.add("confirm", item, {"result": "confirmed"}, by="carrier", refs=target)
    shop.log.add("void", item, by="carrier", refs=[("target", item, answer.id)])
    lines = {line.title: line for line in describe(shop, item).scenes[-1].lines}
    assert lines[ENGLISH("story.export")].confirmed_by == ()
    assert lines[ENGLISH("story.confirm.confirmed")].void


def test_voided_event_is_struck_out_and_has_no_effect(shop: Shop) -> None:
    item = shop.new("PACKED")
    packed = shop.log.chain(item)[-1].id
    shop.log.add("void", item, by="operator", refs=[("target", item, packed)])
    part = describe(shop, item)
    assert (part.batch, part.seal, part.standing) == ("", "", "unreleased")
    assert [line.void for line in part.scenes[-1].lines] == [False, False, False, True, False]


def test_attested_and_asserted_events_are_distinguished(shop: Shop) -> None:
    item = shop.new("DIVERTED")
    part = describe(shop, item)
    marked = {line.title: (line.attested, line.asserted) for line in part.scenes[-1].lines}
    assert marked[ENGLISH("story.divert")] == (True, False)
    assert marked[ENGLISH("story.approve.pass")] == (False, False)
    used = {line.title: (line.attested, line.asserted) for line in part.scenes[0].lines}
    assert used[ENGLISH("story.import")] == (False, True)


def test_newest_test_comes_first_and_a_failed_one_is_kept(shop: Shop) -> None:
    item = shop.new("FAILED")
    shop.log.add("repair", item, by="operator")
    shop.log.add("test", item, {"run": 2}, by="quality")
    assert [run.passed for run in describe(shop, item).tests] == [True, False]


def test_unit_without_a_gtin_shows_its_name(shop: Shop) -> None:
    history, found = read(shop, shop.new())
    renamed = History("x/unit/PUMP-000451", history.chapters, history.names)
    part = describe_part(renamed, found, ENGLISH)
    assert (part.serial_rest, part.serial_tail) == ("PUMP-", "000451")


@pytest.mark.parametrize(
    ("serial", "rest", "tail"),
    [
        ("7KQ2X4PM9ATRWC", "7KQ2 X4PM", "9ATR WC"),
        ("A", "", "A"),
        ("ABCDEFGH", "", "ABCD EFGH"),
        ("ABCDEFGHIJKL", "ABCD", "EFGH IJKL"),
        ("ABCDEFGHIJKLMNOPQRST", "ABCD EFGH IJKL", "MNOP QRST"),
    ],
)
def test_question_asks_for_the_last_groups_of_the_serial(
    shop: Shop, serial: str, rest: str, tail: str
) -> None:
    history, found = read(shop, shop.new())
    renamed = History(f"01/09521234543213/21/{serial}", history.chapters, history.names)
    part = describe_part(renamed, found, ENGLISH)
    assert (part.serial_rest, part.serial_tail) == (rest, tail)


@pytest.mark.parametrize(
    "measured",
    [
        {"value": "0.42", "low": "0.30", "high": "0.60"},
        {"value": "-3", "low": "-5", "high": "-1"},
        {"value": "1000000", "low": "0", "high": "1"},
        {"value": "-1000000", "low": "0", "high": "1"},
        {"value": "0", "low": "0", "high": "0"},
        {"value": "7", "low": "0", "high": "0"},
    ],
)
def test_chart_shows_on_which_side_of_its_limits_a_value_is(measured: dict[str, str]) -> None:
    chart = draw_measurement(measured)
    assert chart is not None
    assert 0 < chart.low <= chart.high < WIDTH
    assert 0 < chart.value < WIDTH
    value, low, high = (float(measured[name]) for name in ("value", "low", "high"))
    assert (chart.value < chart.low) == (value < low)
    assert (chart.value > chart.high) == (value > high)


@pytest.mark.parametrize("measured", [{"value": "1", "low": "0"}, {"value": "1"}])
def test_no_chart_without_both_limits(measured: dict[str, str]) -> None:
    assert draw_measurement(measured) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("life", ["EXPORTED", "FAILED", "SCRAPPED", "REIMPORTED"])
def test_page_is_rendered_in_every_language(shop: Shop, language: str, life: str) -> None:
    page = render(shop, shop.new(life), language, Scans(3, None, ("after_scrap",)))
    assert f'lang="{language}"' in page
    assert "{" not in page.split("</script>", 2)[2]


Change = Callable[[Shop, str], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda shop, item: shop.log.add(
            "recall",
            item,
            {"contact": HOSTILE, "criteria": HOSTILE, "campaign": HOSTILE},
            by="importer",
        ),
        lambda shop, item: shop.log.add("scrap", item, {"reason": HOSTILE}, by="operator", refs=()),
        lambda shop, item: shop.log.add("polish", item, {"wax": HOSTILE}, by="operator"),
    ],
    ids=["recall", "scrap", "unknown kind"],
)
def test_text_from_signers_never_becomes_markup(shop: Shop, change: Change) -> None:
    item = shop.new("PACKED")
    _, before = read(shop, item)
    change(shop, item)
    shop.show(item)
    page = render_part(shop.passports[item], before, SITE, ENGLISH)
    tags = Tags(page).found
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert [attributes.get("type") for tag, attributes in tags if tag == "script"] == [
        "application/json",
        "module",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_nothing_inline_that_its_policy_forbids(shop: Shop, language: str) -> None:
    pages = (render(shop, shop.new(), language), render_unknown(SITE, load_words(language)))
    for page in pages:
        for tag, attributes in Tags(page).found:
            assert "style" not in attributes
            assert tag != "style"
            for name in ("src", "href"):
                target = attributes.get(name) or ""
                assert not target.startswith(("http", "//", "javascript:", "data:"))
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
