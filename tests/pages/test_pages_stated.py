"""What the site states before anything is verified, and the frame that it sends."""

from __future__ import annotations

import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.shop import Shop
from traceledger.verify import describe_result, verify_passport
from traceledger_api.pages.buyer.page import HEADERS, Site, render_find, render_part
from traceledger_api.pages.buyer.stated import Stated, read_stated
from traceledger_api.pages.words import LANGUAGES, load_words
from traceledger_api.scans import Scans

ENGLISH = load_words("en")
SITE = Site("id.example", contact="quality@maker.example")
HOSTILE = "\"><script>alert(1)</script><b onclick='x'>{{ 7*7 }}{0}"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def judge(shop: Shop, item: str) -> dict[str, Any]:
    shop.show(item)
    verdict = verify_passport(shop.passports[item], shop.trust, item, now=int(time.time()))
    return describe_result(verdict)


def state(shop: Shop, item: str) -> Stated:
    report = judge(shop, item)
    return read_stated(shop.passports[item], report)


def render(shop: Shop, item: str, language: str = "en", scans: Scans | None = None) -> str:
    report = judge(shop, item)
    return render_part(shop.passports[item], report, SITE, load_words(language), scans)[0]


class Tags(HTMLParser):
    """The tags of a page, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_site_states_what_the_events_state(shop: Shop) -> None:
    item = shop.new()
    stated = state(shop, item)
    assert (stated.item, stated.standing, stated.tone) == (item, "released", "good")
    assert (stated.category, stated.country, stated.life) == ("TCM", "USA", 1)
    assert stated.recalls == ()


def test_site_states_a_correction_and_not_what_was_voided(shop: Shop) -> None:
    item = shop.new("PACKED")
    packed = shop.log.chain(item)[-1].id
    change = {"reason": "typing error", "set_public": {"remanufacturer": "Another"}}
    refs = [("target", item, packed)]
    wrong = shop.log.add("correct", item, change, by="operator", refs=refs)
    assert state(shop, item).maker == "Another"
    shop.log.add("void", item, by="operator", refs=[("target", item, wrong.id)])
    assert state(shop, item).maker != "Another"


def test_site_states_nothing_by_an_event_that_could_not_be_judged(shop: Shop) -> None:
    item = shop.new("TESTED")
    shop.log.add("endorse", "party/plant", by="root")
    for kind in ("approve", "pack"):
        shop.log.add(kind, item, by="operator")
    stated = state(shop, item)
    assert (stated.standing, stated.maker, stated.warranty_months) == ("unreleased", "", None)
    assert stated.part_no


def test_site_states_a_recall_and_what_it_affects(shop: Shop) -> None:
    item = shop.new()
    shop.log.add("recall", item, {"criteria": "built before May"}, by="importer")
    stated = state(shop, item)
    assert (stated.standing, stated.recalls[0]["criteria"]) == ("recalled", "built before May")


def test_used_part_of_an_earlier_life_is_not_what_this_part_replaces(shop: Shop) -> None:
    world = shop.log.world
    first = world.unit("REIMPORTED")
    second = world.unit(parts=(world.core("IN_PROCESS", parent=first), world.component()))
    shop.log.wires, shop.log.events = list(world.wires), list(world.events)
    stated = state(shop, second)
    assert (stated.category, bool(stated.replaces)) == ("TCM", True)


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
        lambda shop, item: shop.log.add(
            "pack", item, {"remanufacturer": HOSTILE}, by="operator", refs=()
        ),
        lambda shop, item: shop.log.add("polish", item, {"wax": HOSTILE}, by="operator"),
    ],
    ids=["recall", "maker", "unknown kind"],
)
def test_text_from_signers_never_becomes_markup(shop: Shop, change: Change) -> None:
    item = shop.new("APPROVED")
    change(shop, item)
    tags = Tags(render(shop, item)).found
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert [attributes.get("type") for tag, attributes in tags if tag == "script"] == [
        "application/json",
        "module",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_nothing_inline_that_its_policy_forbids(shop: Shop, language: str) -> None:
    pages = (
        render(shop, shop.new(), language),
        render_find(None, SITE, load_words(language), keep=False),
    )
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
