"""What the buyer's page says, in a real browser: of the record, and of the part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Tab
from tests.pages.shop import Shop
from tests.passports import change_chain
from traceledger.formats.passport import format_passport, parse_passport
from traceledger_api.pages.buyer.standing import TONES
from traceledger_api.pages.words import load_words

SAY = load_words("en")


def serve_passport(tab: Tab, data: bytes) -> None:
    """The server sends this in place of the passport, to the page's own check."""

    def answer(route: Route) -> None:
        route.fulfill(body=data, content_type="application/json")

    tab.page.route("**/passport", answer)


def test_record_is_complete_and_unchanged_by_the_keys_that_the_site_names(
    shop: Shop, address: str, tab: Tab
) -> None:
    """On first use, nothing is green: the site itself names the keys that prove it right."""
    item = shop.show(shop.new())
    tab.open(f"{address}/{item}")
    host = address.removeprefix("http://")
    assert tab.text("#record .says") == SAY("record.first_use", host=host)
    assert tab.page.locator('[data-tone="good"], use[href="#good"]').count() == 0
    assert tab.text(".address b") == host
    assert not tab.page.locator(".reservations").is_visible()
    tab.page.locator("#checks summary").click()
    assert tab.tone(".checked li:first-child") == "seen"
    assert tab.text("#trust") == SAY("own_trust.site")
    assert tab.text("#witnesses") == "plain, customs"
    assert SAY("basis.witnesses.site") in tab.text("#checks")
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("quorum.none", {"quorum": "none"}),
        ("replay.missing", {"replayed_by": ""}),
        ("age.stale", {"max_age": 60}),
    ],
)
def test_what_is_wanting_is_a_reservation(
    shop: Shop, address: str, tab: Tab, code: str, changes: dict[str, Any]
) -> None:
    item = shop.show(shop.new(), age=3600, **changes)
    tab.open(f"{address}/{item}", "reserved")
    assert tab.tone("#record") == "warn"
    wanted = SAY.texts[f"reserve.{code}"].partition("{")[0]
    assert wanted in tab.text("#record .reservations")
    assert tab.tone("#part") == "seen"


@pytest.mark.parametrize(
    ("lacks", "codes"),
    [("plain", ["quorum.missing"]), ("customs", ["quorum.missing", "replay.missing"])],
)
def test_witness_that_did_not_confirm_is_a_reservation(
    shop: Shop, address: str, tab: Tab, lacks: str, codes: list[str]
) -> None:
    item = shop.show(shop.new(), lacks=(lacks,))
    tab.open(f"{address}/{item}", "reserved")
    assert (tab.text("#record .says"), tab.tone("#record")) == (SAY("record.reserved"), "warn")
    said = tab.text("#record .reservations").splitlines()
    assert said == [SAY(f"reserve.{code}") for code in codes]
    tab.page.locator("#checks summary").click()
    assert tab.tone('[data-check="witnessed"]') == "plain"
    assert SAY("checks.what.witnessed") in tab.text("#checks")
    assert lacks not in tab.text("#witnesses")
    assert tab.tone("#part") == "seen"


def test_record_that_nobody_confirmed_has_no_date(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.show(shop.new(), lacks=("plain", "customs"), quorum="none")
    tab.open(f"{address}/{item}", "reserved")
    assert SAY("record.undated") in tab.text("#record .note")
    tab.page.locator("#checks summary").click()
    assert tab.text("#witnesses") == "–"
    assert SAY("reserve.quorum.none") in tab.text("#record .reservations")


def test_rules_from_the_future_are_a_reservation(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.new("PACKED")
    shop.log.add("rules", "ledger", {"version": 2}, by="root")
    shop.log.add("test", item, by="operator")
    tab.open(f"{address}/{shop.show(item)}", "reserved")
    assert (tab.text("#record .says"), tab.tone("#record")) == (SAY("record.reserved"), "warn")
    assert tab.text("#record .reservations") == SAY("reserve.rules.newer")
    assert [tab.tone(f'[data-check="{check}"]') for check in ("rules", "signed")] == ["plain"] * 2
    assert tab.tone('[data-check="witnessed"]') == "seen"
    tab.page.locator("#story summary").first.click()
    assert tab.page.get_by_text(SAY("story.unjudged")).count() == 1  # the test, not the rules
    assert tab.complaints == []


def test_record_that_cannot_be_loaded_was_not_checked(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.show(shop.new())
    tab.page.route("**/passport", lambda route: route.abort())
    tab.open(f"{address}/{item}", "unchecked")
    assert tab.tone("#record") == "plain"
    assert SAY("unchecked.network") in tab.text("#record .note")
    assert SAY("standing.released") in tab.text("#stated")
    assert SAY("page.stated") in tab.text("#stated")
    assert SAY("checks.what") in tab.text("#checks")
    assert tab.page.get_by_text(SAY("checks.done.unchanged")).count() == 0
    assert tab.page.locator(".question").is_visible()
    assert tab.page.get_by_text(SAY("question.limit")).count() == 0


def test_key_that_was_stolen_is_a_reservation(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.new()
    kid = shop.log.actors["operator"].signer.key.kid
    reason = {"reason": "compromised", "compromised_since": 0}
    shop.log.add("revoke_key", f"key/{kid}", reason, by="plant admin")
    tab.open(f"{address}/{shop.show(item)}", "reserved")
    assert SAY("reserve.disputed") in tab.text("#record .reservations")
    assert tab.tone('[data-check="signed"]') == "plain"


def test_kind_from_the_future_is_a_reservation(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.new("PACKED")
    shop.log.add("polish", item, {"wax": "yes"}, by="operator")
    tab.open(f"{address}/{shop.show(item)}", "reserved")
    assert SAY("reserve.event.kind") in tab.text("#record .reservations")
    tab.page.locator("#story summary").first.click()
    assert SAY("story.unknown") in tab.text("#story")
    assert tab.tone('[data-check="rules"]') == "plain"
    assert tab.tone('[data-check="complete"]') == "seen"


@pytest.mark.parametrize(
    ("life", "standing"),
    [
        ("EXPORTED", "released"),
        ("DIVERTED", "released"),
        ("PACKED", "packed"),
        ("APPROVED", "unreleased"),
        ("ASSEMBLED", "unreleased"),
        ("FAILED", "failed"),
        ("SCRAPPED", "scrapped"),
        ("DISASSEMBLED", "apart"),
        ("CLAIMED", "claimed"),
        ("REIMPORTED", "reimported"),
    ],
)
def test_part_line_says_how_the_part_stands(
    shop: Shop, address: str, tab: Tab, life: str, standing: str
) -> None:
    item = shop.show(shop.new(life))
    tab.open(f"{address}/{item}")
    assert tab.text("#part .says") == SAY(f"standing.{standing}")
    assert tab.tone("#part") == ("seen" if TONES[standing] == "good" else TONES[standing])
    assert not tab.page.locator("#part .source").is_visible()
    stopped = standing in {"unreleased", "failed", "scrapped", "apart"}
    assert tab.page.locator("#part .steps li").count() == (3 if stopped else 0)


def test_recalled_part_says_first_what_to_do_and_whom_to_call(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.new()
    contact = "recall desk, +86 23 5550 0100 or desk@maker.example"
    data = {"action": "reflash", "contact": contact, "campaign": "RC-9", "criteria": "all of May"}
    shop.log.add("recall", item, data, by="importer")
    tab.open(f"{address}/{shop.show(item)}")
    assert (tab.text("#part .says"), tab.tone("#part")) == ("DO NOT USE: recalled", "stop")
    assert tab.page.locator("#verdict > :first-child").get_attribute("id") == "part"
    said = tab.text("#part")
    assert all(word in said for word in ("RC-9", "all of May", SAY("severity.high")))
    steps = tab.page.locator("#part .steps li").all_inner_texts()
    assert steps[:2] == [SAY("steps.stop"), f"{SAY('steps.keep')} {SAY('action.reflash')}"]
    assert contact in steps[2]
    links = tab.page.locator("#part .steps a").evaluate_all("all => all.map((a) => a.href)")
    number = item.rpartition("/")[2]
    assert links == [
        "tel:+862355500100",
        f"mailto:desk@maker.example?subject={number}%20%C2%B7%20RC-9",
    ]


def test_recall_of_a_used_part_inside_holds_for_the_whole_part(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.new()
    core = next(event.refs[0].item for event in shop.log.chain(item))
    shop.log.add("recall", core, by="importer")
    tab.open(f"{address}/{shop.show(item)}")
    assert (tab.text("#part .says"), tab.tone("#part")) == ("DO NOT USE: recalled", "stop")


@pytest.mark.parametrize("authority", ["customs", "quality"])
def test_held_part_says_who_holds_it(shop: Shop, address: str, tab: Tab, authority: str) -> None:
    item = shop.new("PACKED")
    shop.log.add("hold", item, {"authority": authority}, by=authority)
    tab.open(f"{address}/{shop.show(item)}")
    assert tab.text("#part .says") == SAY(f"standing.held_{authority}")
    assert tab.tone("#part") == "stop"


def test_tampered_record_is_not_to_be_relied_on(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.show(shop.new())
    data = bytearray(shop.passports[item])
    data[len(data) // 2] ^= 1
    serve_passport(tab, bytes(data))
    tab.open(f"{address}/{item}", "refused")
    assert (tab.text("#record .says"), tab.tone("#record")) == (SAY("record.refused"), "stop")
    assert tab.text("#part .says") == SAY("standing.unproven")
    assert tab.page.locator(".row").first.get_attribute("id") == "record"  # the worst news first
    assert tab.page.locator("#about, #tests, #story, .signed").count() == 0
    tab.page.locator("#checks summary").click()
    assert {tab.tone(f".checked li:nth-child({n})") for n in range(1, 6)} == {"plain"}
    assert SAY("checks.what") in tab.text("#checks")
    assert tab.page.get_by_text(SAY("checks.done.unchanged")).count() == 0


@pytest.mark.parametrize("record", ["refused", "unchecked"])
def test_recall_that_the_site_states_stays_when_nothing_is_proven(
    shop: Shop, address: str, tab: Tab, record: str
) -> None:
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    data = shop.passports[shop.show(item)]
    serve_passport(tab, data[:-1] + b" }" if record == "refused" else b"")
    tab.open(f"{address}/{item}", record)
    assert (tab.text("#part .says"), tab.tone("#part")) == (SAY("standing.recalled"), "stop")
    assert tab.text("#part .source") == "The site says:"


def test_recall_that_the_server_hides_is_found_out(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    shop.show(item)
    passport = parse_passport(shop.passports[item])
    shown = change_chain(passport, item, events=passport.chains[0].events[:-1])
    serve_passport(tab, format_passport(shown))
    tab.open(f"{address}/{item}", "refused")
    assert "map.proof" in (tab.page.locator("#refusal").text_content() or "")
    assert tab.text("#part .says") != SAY("standing.released")


def test_passport_of_another_part_is_found_out(shop: Shop, address: str, tab: Tab) -> None:
    other = shop.show(shop.new())
    item = shop.show(shop.new("PACKED"))
    serve_passport(tab, shop.passports[other])
    tab.open(f"{address}/{item}", "refused")
    assert "passport.item" in (tab.page.locator("#refusal").text_content() or "")
    assert tab.text("#part .says") == SAY("standing.unproven")


CLAIMS = {
    "title": (">Transmission control module<", ">Airbag<", "Airbag"),
    "part_no": (">RM-24261870<", ">BMW-1<", "BMW-1"),
    "replaces": ('claim="replaces">24261870<', 'claim="replaces">BMW 7<', "BMW 7"),
    "standing": ('claim="standing">Released for sale<', 'claim="standing">Sold<', "Sold"),
    "maker": ('claim="maker">', 'claim="maker">Fake ', "Fake "),
    "warranty": ('data-value="24"', 'data-value="240"', "240"),
    "country": ('data-value="USA"', 'data-value="NGA"', "NGA"),
    "exported": ('data-value="2025-06-15"', 'data-value="2029-01-01"', "2029-01-01"),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_claim_that_was_altered_on_the_way_is_caught(
    shop: Shop, address: str, tab: Tab, claim: str
) -> None:
    """The server's text stayed green beside the tick, whatever it said."""
    before, after, shown = CLAIMS[claim]
    item = shop.show(shop.new())

    def alter(route: Route) -> None:
        page = route.fetch().text()
        assert before in page
        route.fulfill(body=page.replace(before, after, 1), content_type="text/html")

    tab.page.route(f"{address}/{item}", alter)
    tab.open(f"{address}/{item}")
    assert tab.tone("#claims") == "stop"
    assert shown.strip() in tab.text("#claims s")
    assert shown not in tab.text(".identity") + tab.text("#about") + tab.text("#part")


def test_page_is_about_the_part_in_its_address(shop: Shop, address: str, tab: Tab) -> None:
    """A page that fetches the sound record of another part is refused."""
    item, other = shop.show(shop.new("SCRAPPED")), shop.show(shop.new())
    page = tab.page.request.get(f"{address}/{other}", headers={"Accept": "text/html"}).text()
    tab.page.route(
        f"{address}/{item}", lambda route: route.fulfill(body=page, content_type="text/html")
    )
    tab.open(f"{address}/{item}", "refused")
    assert "passport.item" in (tab.page.locator("#refusal").text_content() or "")


def test_what_is_drawn_comes_from_the_record_not_from_the_page(
    shop: Shop, address: str, tab: Tab
) -> None:
    """The server shows an old page of a part that was scrapped since."""
    item = shop.show(shop.new("PACKED"))
    old = tab.page.request.get(f"{address}/{item}", headers={"Accept": "text/html"}).text()
    shop.log.add("scrap", item, by="operator", refs=_lot(shop))
    shop.show(item)
    tab.page.route(
        f"{address}/{item}", lambda route: route.fulfill(body=old, content_type="text/html")
    )
    tab.open(f"{address}/{item}")
    assert tab.text("#part .says") == SAY("standing.scrapped")
    assert SAY("standing.packed") in tab.text("#claims")


def _lot(shop: Shop) -> list[tuple[str, ...]]:
    (lot,) = (event for event in shop.log.events if event.kind_name == "open_lot")
    return [("lot", lot.payload.sub, lot.id)]


@pytest.mark.parametrize("kind", ["hidden", "shown"])
def test_scans_warn_by_rule_and_not_by_count(
    shop: Shop, address: str, new_tab: Callable[..., Tab], kind: str
) -> None:
    item = shop.show(shop.new())
    warnings = ("before_export",) if kind == "shown" else ()
    shop.scans = shop.scans._replace(total=5000, warnings=warnings)
    tab = new_tab()
    tab.open(f"{address}/{item}")
    assert tab.page.locator(".first .notice").count() == len(warnings)
    tab.page.locator("#problem summary").click()
    assert "5,000" in tab.text("#scans")
    assert tab.tone("#record") == "seen"
