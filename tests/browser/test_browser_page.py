"""How the buyer's page works in a browser: without this and that, in every language, by keys."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Tab
from tests.browser.states import sign_statement
from tests.conftest import SmallDemo
from tests.pages.shop import Shop
from tests.vectors.trust_lists import make_list
from traceledger.formats.trust import fingerprint, format_trust
from traceledger_api.pages.words import LANGUAGES, load_words

SAY = load_words("en")
BUDGET = 100_000  # bytes on the wire, docs/guide/buyer.md

NewTab = Callable[..., Tab]


def bottom(tab: Tab, selector: str) -> float:
    box = tab.page.locator(selector).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_first_screen_of_a_phone_has_all_that_matters(shop: Shop, address: str, tab: Tab) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    for selector in ("h1", "#record", "#part", ".ask h2"):
        assert bottom(tab, selector) <= 640, selector


def test_no_word_of_the_log_stands_on_the_first_screen(shop: Shop, address: str, tab: Tab) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    terms = r"ledger|merkle|\blog\b|hash|checkpoint|signature|proof|witness|chain"
    assert not re.search(terms, tab.text(".first"), re.IGNORECASE)


def test_seal_is_asked_for_before_the_number(service: str, small_demo: SmallDemo, tab: Tab) -> None:
    """Whoever copies a label copies its number, so the number alone always passes."""
    tab.open(f"{service}/{small_demo.unit}")
    assert "T-0" in tab.text('[data-ask="seal"]')
    assert not tab.page.locator(".plate").is_visible()
    tab.page.locator('[data-ask="seal"] [data-answer="no"]').click()
    assert tab.text('[data-ask="seal"] .outcome') == SAY("question.seal.no")
    assert not tab.page.locator(".plate").is_visible()
    tab.page.locator('[data-ask="seal"] [data-answer="yes"]').click()
    assert not tab.page.locator('[data-ask="seal"] .outcome').is_visible()
    serial = small_demo.unit.rpartition("/")[2]
    assert tab.text(".plate b").replace(" ", "") == serial[-6:]
    assert tab.text(".plate").replace(" ", "").replace("\n", "") == serial
    for answer in ("no", "yes"):
        tab.page.locator(f'[data-ask="number"] [data-answer="{answer}"]').click()
        assert tab.text('[data-ask="number"] .outcome') == SAY(f"question.number.{answer}")


def test_without_javascript_the_site_states_the_facts_and_nothing_has_a_tick(
    shop: Shop, address: str, new_tab: NewTab
) -> None:
    item = shop.show(shop.new())
    tab = new_tab(java_script_enabled=False)
    tab.page.goto(f"{address}/{item}")
    assert SAY("unchecked.script") in tab.text("#record")
    assert not tab.page.get_by_text(SAY("record.checking")).is_visible()
    stated = tab.text("#stated")
    assert all(text in stated for text in (SAY("standing.released"), "24 months", "United States"))
    assert tab.tone("#record") == "plain"
    assert tab.page.locator('main use[href="#good"], main use[href="#seen"]').count() == 0
    link = tab.page.locator("#stated a[download]")
    answer = tab.page.request.get(f"{address}{link.get_attribute('href')}")
    assert answer.body() == shop.passports[item]


def test_without_javascript_a_recall_is_what_the_site_says(
    shop: Shop, address: str, new_tab: NewTab
) -> None:
    item = shop.new()
    shop.log.add("recall", item, {"campaign": "RC-9"}, by="importer")
    tab = new_tab(java_script_enabled=False)
    tab.page.goto(f"{address}/{shop.show(item)}")
    assert tab.tone("#part") == "stop"
    assert all(text in tab.text("#part") for text in ("The site says", "DO NOT USE", "RC-9"))


SHIFT = """() => new Promise((resolve) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shift), 300);
})"""


@pytest.mark.parametrize(
    ("state", "width"),
    [
        *(("released", 360), ("released", 768), ("released", 1280)),
        *(("recalled", 360), ("refused", 1280), ("unchecked", 768)),
    ],
)
def test_nothing_moves_when_the_verdict_comes(
    shop: Shop, address: str, tab: Tab, state: str, width: int
) -> None:
    item = shop.new()
    tab.page.set_viewport_size({"width": width, "height": 640 if width == 360 else 900})
    if state == "recalled":
        shop.log.add("recall", item, by="importer")
    shop.show(item)
    bodies = {"refused": shop.passports[item].replace(b"x", b"y", 1), "unchecked": b"{}"}
    if state in bodies:
        tab.page.route("**/passport", lambda route: route.fulfill(body=bodies[state]))
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    tab.page.route("**/catalogue.json", wait)
    tab.page.goto(f"{address}/{item}")
    tab.page.get_by_text(SAY("record.checking")).wait_for()
    assert tab.page.locator("use[href='#good'], use[href='#seen']").count() == 0
    assert not tab.page.get_by_text(SAY("unchecked.script")).is_visible()
    while not waiting:
        tab.page.wait_for_timeout(20)
    for route in waiting:
        route.continue_()
    tab.page.wait_for_selector("body[data-record]")
    assert tab.page.evaluate(SHIFT) < 0.005


def test_page_whose_script_does_not_start_says_so_after_a_while(
    shop: Shop, address: str, tab: Tab
) -> None:
    tab.page.route("**/buyer.js", lambda route: route.abort())
    tab.page.goto(f"{address}/{shop.show(shop.new())}")
    tab.page.get_by_text(SAY("record.checking")).wait_for()
    assert tab.end_waiting() == {8000}
    tab.page.get_by_text(SAY("unchecked.script")).wait_for(state="visible")
    assert not tab.page.get_by_text(SAY("record.checking")).is_visible()
    assert SAY("standing.released") in tab.text("#stated")


LACKS_ED25519 = """
const { importKey } = SubtleCrypto.prototype;
SubtleCrypto.prototype.importKey = function (format, bytes, algorithm, ...rest) {
  if ((algorithm.name ?? algorithm) === "Ed25519")
    return Promise.reject(new DOMException("", "NotSupportedError"));
  return importKey.call(this, format, bytes, algorithm, ...rest);
};
"""


def test_browser_without_ed25519_checks_with_the_one_in_javascript(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.show(shop.new())
    tab.page.add_init_script(LACKS_ED25519)
    tab.open(f"{address}/{item}")
    assert any(url.endswith("noble-ed25519.js") for url in tab.requests)
    assert tab.tone("#record") == "seen"


def test_ed25519_in_javascript_refuses_what_is_false(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.show(shop.new())
    text = shop.passports[item].decode()
    first = re.search(r"\.([A-Za-z0-9_-]{86})~", text)
    assert first is not None
    forged = text.replace(first[1], first[1][::-1].translate(str.maketrans("-_", "AB")))
    tab.page.add_init_script(LACKS_ED25519)
    tab.page.route("**/passport", lambda route: route.fulfill(body=forged))
    tab.open(f"{address}/{item}", "refused")


def test_browser_with_no_ed25519_at_all_says_that_it_did_not_check(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.show(shop.new())
    tab.page.add_init_script(LACKS_ED25519)
    tab.page.route("**/noble-ed25519.js", lambda route: route.abort())
    tab.open(f"{address}/{item}", "unchecked")
    assert SAY("unchecked.ed25519") in tab.text("#record .note")
    assert tab.page.locator('use[href="#good"], use[href="#seen"]').count() == 0


LOGIN = "<!doctype html><title>Log in</title>"


@pytest.mark.parametrize("path", ["**/passport", "**/trust.json", "**/catalogue*"])
@pytest.mark.parametrize("answer", ["login page", "half", "503"])
def test_wrong_answer_with_status_200_is_no_verdict_on_the_record(
    shop: Shop, address: str, tab: Tab, path: str, answer: str
) -> None:
    """A hotel's login page in place of a file once meant: do not rely on this part."""
    item = shop.show(shop.new())

    def respond(route: Route) -> None:
        if answer == "half":
            body = route.fetch().body()
            route.fulfill(body=body[: len(body) // 2])
        else:
            status = 200 if answer == "login page" else 503
            route.fulfill(body=LOGIN, content_type="text/html", status=status)

    tab.page.route(path, respond)
    tab.open(f"{address}/{item}", "unchecked")
    assert tab.text("#record .note") == SAY("unchecked.answer")
    assert tab.tone("#record") == "plain"


OLD_BROWSER = "delete AbortSignal.timeout;"
FAILING_VERIFY = """
const { verify } = SubtleCrypto.prototype;
SubtleCrypto.prototype.verify = function (algorithm, ...rest) {
  if ((algorithm.name ?? algorithm) === "Ed25519")
    return Promise.reject(new DOMException("", "OperationError"));
  return verify.call(this, algorithm, ...rest);
};
"""
AGREEING_VERIFY = """
SubtleCrypto.prototype.verify = () => Promise.resolve(true);
"""
DENYING_VERIFY = """
SubtleCrypto.prototype.verify = () => Promise.resolve(false);
"""


@pytest.mark.parametrize(
    "browser_with",
    [OLD_BROWSER, FAILING_VERIFY, AGREEING_VERIFY, DENYING_VERIFY],
    ids=["no-timeout", "fails", "accepts-all", "rejects-all"],
)
def test_fault_of_the_browser_is_never_a_fault_of_the_record(
    shop: Shop, address: str, tab: Tab, browser_with: str
) -> None:
    """One probe with a known signature decides whether WebCrypto is used at all."""
    tab.page.add_init_script(browser_with)
    tab.open(f"{address}/{shop.show(shop.new())}", "proven")


def test_plain_http_from_elsewhere_says_that_it_did_not_check(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.show(shop.new())
    tab.open(f"{address.replace('127.0.0.1', 'plant.test')}/{item}", "unchecked")
    assert SAY("unchecked.insecure") in tab.text("#record")


def test_unknown_number_is_told_with_404(service: str, tab: Tab) -> None:
    answer = tab.page.goto(f"{service}/01/09521234543213/21/NONE")
    assert answer is not None
    assert answer.status == 404
    assert tab.text("h1") == SAY("find.unknown.title")
    assert SAY("find.unknown.note") in tab.text("main")
    assert tab.findings() == []


def test_service_shows_the_unit_at_its_own_address(
    service: str, small_demo: SmallDemo, tab: Tab
) -> None:
    tab.open(f"{service}/{small_demo.unit}")
    assert tab.tone("#record") == "seen"
    assert tab.complaints == []
    assert all(url.startswith(service) for url in tab.requests)


def test_unfolded_page_is_at_most_four_screens_of_a_phone(
    service: str, small_demo: SmallDemo, tab: Tab
) -> None:
    tab.open(f"{service}/{small_demo.unit}")
    assert tab.page.evaluate("document.documentElement.scrollHeight") <= 4 * 640


SIZES = """() => [...new Set([...document.querySelectorAll("body *")]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => !one.closest("script, svg"))
  .map((one) => getComputedStyle(one).fontSize))]"""


@pytest.mark.parametrize("width", [360, 1280])
def test_page_has_at_most_five_sizes_of_type(
    shop: Shop, address: str, new_tab: NewTab, width: int
) -> None:
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    tab = new_tab(viewport={"width": width, "height": 800})
    tab.open(f"{address}/{shop.show(item)}")
    tab.page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    assert len(tab.page.evaluate(SIZES)) <= 5


def test_preview_of_a_link_says_what_the_page_is_and_not_how_the_part_stands(
    shop: Shop, address: str, tab: Tab
) -> None:
    """A preview is kept for months, and a recall comes later."""
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    page = tab.page.request.get(
        f"{address}/{shop.show(item)}", headers={"Accept": "text/html"}
    ).text()
    named = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]+)">', page))
    assert named["og:title"] == SAY("share.title")
    assert named["og:description"] == SAY("share.description")
    image = tab.page.request.get(named["og:image"])
    assert (image.status, image.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_speaks_the_readers_language_and_fits_small_screens(
    shop: Shop, address: str, new_tab: NewTab, language: str
) -> None:
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    shop.show(item)
    tab = new_tab(locale=language, viewport={"width": 320, "height": 640})
    tab.open(f"{address}/{item}")
    say = load_words(language)
    html = tab.page.locator("html")
    assert html.get_attribute("lang") == language
    assert html.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    host = address.removeprefix("http://")
    assert tab.text("#record .says") == say("record.first_use", host=host)
    assert tab.text("#part .says") == say("standing.recalled")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_language_is_chosen_with_the_keyboard(shop: Shop, address: str, tab: Tab) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    keys = tab.page.keyboard
    keys.press("Tab")
    keys.press("Enter")
    for _ in range(3):
        keys.press("Tab")
    with tab.page.expect_navigation():
        keys.press("Enter")
    assert tab.page.locator("html").get_attribute("lang") == "es"


def test_everything_is_reached_with_the_keyboard_and_seen(
    shop: Shop, address: str, tab: Tab
) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    seen = set()
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        seen.add(
            tab.page.evaluate(
                "(() => { const it = document.activeElement; const holder = it.closest('section');"
                "const style = getComputedStyle(it.matches('input') ? it.parentElement : it);"
                "return [holder ? holder.id : '', it.tagName, style.outlineStyle].join(' '); })()"
            )
        )
    wanted = {" SUMMARY solid", " BUTTON solid", "story SUMMARY solid"}
    wanted |= {"independent SUMMARY solid", "experts SUMMARY solid", "problem SUMMARY solid"}
    assert wanted <= seen


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing(
    shop: Shop, address: str, new_tab: NewTab, scheme: str, language: str
) -> None:
    good, recalled = shop.new(), shop.new()
    shop.log.add("recall", recalled, by="importer")
    shop.scans = shop.scans._replace(total=3, warnings=("after_scrap",))
    for item in (good, recalled):
        shop.show(item)
    tab = new_tab(color_scheme=scheme, locale=language)
    tab.open(f"{address}/{good}")
    tab.page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    assert tab.findings() == []
    tab.open(f"{address}/{recalled}")
    assert tab.findings() == []
    another = shop.passports[recalled]
    tab.page.route("**/passport", lambda route: route.fulfill(body=another))
    tab.open(f"{address}/{good}", "refused")
    assert tab.findings() == []


def test_page_asks_nobody_else_and_stays_small(shop: Shop, address: str, tab: Tab) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    assert all(url.startswith(address) for url in tab.requests)
    size = 0
    for url in set(tab.requests):
        body = tab.page.request.get(url).body()
        packed = "passport" not in url and "trust" not in url
        size += len(gzip.compress(body, 6)) if packed else len(body)
    assert size < BUDGET


def test_reader_checks_with_a_trust_file_or_list_of_their_own(
    shop: Shop, address: str, tab: Tab, tmp_path: Path
) -> None:
    def list_file(files: list[bytes], lines: tuple[int, int, int]) -> Path:
        path = tmp_path / f"list-{lines[0]}.json"
        path.write_text(make_list(files, lines=lines))
        return path

    item = shop.show(shop.new())
    own, other, wrong, torn, marked = (
        tmp_path / f"{name}.json" for name in ("own", "other", "no", "torn", "marked")
    )
    own.write_bytes(shop.trust)
    strange = "A" * 43
    other.write_bytes(format_trust(shop.log.trust(founding=strange, max_age=10**9)))
    wrong.write_text("{}")
    torn.write_bytes(shop.trust.replace(b"quorum both", b"quorum bath"))
    marked.write_bytes(b"\xef\xbb\xbf" + shop.trust)
    tab.open(f"{address}/{item}")
    first = tab.text("#record")
    chooser = tab.page.locator("#own-trust input[type=file]")
    for bad in (wrong, torn, marked):
        chooser.set_input_files(bad)
        tab.page.locator("#own-trust .error", has_text=SAY("own_trust.bad")).wait_for(
            state="attached"
        )
        assert tab.tone("#record") == "seen"
    chooser.set_input_files(own)
    tab.page.get_by_text(SAY("record.own_trust")).wait_for()
    assert {tab.tone("#record"), tab.tone("#part")} == {"good"}
    tab.open(f"{address}/{item}")
    assert SAY("record.own_trust") in tab.text("#record")
    assert not tab.page.get_by_text(SAY("question.address")).is_visible()
    chooser.set_input_files(other)
    tab.page.wait_for_selector('body[data-record="refused"]')
    assert "trust.founding" in (tab.page.locator("#refusal").text_content() or "")
    now = int(time.time())
    chooser.set_input_files(list_file([shop.trust], (2, now - 9, now + 10_000)))
    tab.page.get_by_text(SAY("record.own_trust")).wait_for()
    chooser.set_input_files(list_file([shop.trust], (1, now - 9, now + 10_000)))
    tab.page.get_by_text(SAY("unchecked.list")).wait_for()
    tab.page.locator("#independent summary").click()
    tab.page.get_by_role("button", name=SAY("own_trust.forget")).click()
    tab.page.wait_for_selector('body[data-record="proven"]')
    assert tab.text("#record") == first


def test_reader_accepts_the_sites_keys_by_their_fingerprint(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.show(shop.new())
    tab.open(f"{address}/{item}")
    tab.page.locator(".address a").click()
    field, compare = tab.page.locator("#own-fingerprint"), SAY("own_trust.compare")
    for text in ("", "12", "g" * 32, "0" * 33):
        field.fill(text)
        tab.page.get_by_role("button", name=compare).click()
        tab.page.get_by_text(SAY("own_trust.bad_fingerprint")).wait_for()
    field.fill(f"  {fingerprint(shop.trust).upper().replace(' ', ':')} ")
    field.press("Enter")
    tab.page.get_by_text(SAY("record.own_trust")).wait_for()
    assert tab.tone("#record") == "good"
    tab.open(f"{address}/{item}")
    assert tab.tone("#record") == "good"
    shop.show(item, max_age=10**8)
    tab.open(f"{address}/{item}", "unchecked")
    assert SAY("unchecked.fingerprint") in tab.text("#record")


def test_refused_record_takes_back_the_name_that_an_earlier_check_verified(
    shop: Shop, address: str, tab: Tab
) -> None:
    tab.open(f"{address}/{shop.show(shop.new())}")
    claims = tab.page.locator("#identity [data-claim=title]")
    assert claims.count() == 0
    tab.page.locator(".address a").click()
    tab.page.locator("#own-fingerprint").fill("0" * 32)
    tab.page.locator("#own-fingerprint").press("Enter")
    tab.page.wait_for_selector('body[data-record="unchecked"][data-trust="own"]')
    assert claims.count() == 1


def test_check_that_was_overtaken_shows_nothing(shop: Shop, address: str, tab: Tab) -> None:
    """Else the page would name the reader's keys beside a verdict by others."""
    item = shop.show(shop.new())
    tab.open(f"{address}/{item}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route("**/passport", hold)
    tab.page.locator(".address a").click()
    for text in ("0" * 32, fingerprint(shop.trust)):
        with tab.page.expect_request("**/passport"):
            tab.page.locator("#own-fingerprint").fill(text)
            tab.page.locator("#own-fingerprint").press("Enter")
    held[1].continue_()
    tab.page.wait_for_selector('body[data-record="proven"][data-trust="own"]')
    with tab.page.expect_response("**/passport"):
        held[0].continue_()
    tab.page.wait_for_timeout(200)
    assert tab.page.locator("body").get_attribute("data-record") == "proven"


def test_slow_file_of_keys_does_not_replace_what_was_chosen_after_it(
    shop: Shop, address: str, tab: Tab, tmp_path: Path
) -> None:
    """The verdict would be by keys that the reader had given up."""
    tab.open(f"{address}/{shop.show(shop.new())}")
    tab.page.locator(".address a").click()
    tab.page.evaluate(
        """() => {
          const { arrayBuffer } = Blob.prototype;
          const held = new Promise((release) => { globalThis.release = release; });
          globalThis.begun = new Promise((begin) => {
            Blob.prototype.arrayBuffer = async function () {
              begin();
              await held;
              return arrayBuffer.call(this);
            };
          });
        }"""
    )
    file = tmp_path / "trust.json"
    file.write_bytes(shop.trust)
    tab.page.locator("#own-trust input[type=file]").set_input_files(file)
    tab.page.evaluate("begun")
    tab.page.locator("#own-fingerprint").fill("0" * 32)
    tab.page.locator("#own-fingerprint").press("Enter")
    tab.page.wait_for_selector('body[data-record="unchecked"]')
    tab.page.evaluate("release()")
    tab.page.wait_for_timeout(500)
    assert tab.page.locator("body").get_attribute("data-record") == "unchecked"


@pytest.mark.parametrize("faults", [1, 2])
def test_page_that_cannot_draw_the_record_says_that_it_did_not_check(
    shop: Shop, address: str, tab: Tab, faults: int
) -> None:
    """Also when other keys were chosen; a page that can draw nothing says so after a while."""
    tab.page.add_init_script(
        """const { append } = Element.prototype;
        globalThis.faults = 0;
        Element.prototype.append = function (...given) {
          if (this.id === "rest" && faults-- > 0) throw new Error("cannot draw");
          return append.apply(this, given);
        };"""
    )
    tab.open(f"{address}/{shop.show(shop.new())}")
    tab.page.locator(".address a").click()
    tab.page.evaluate("count => { faults = count; }", faults)
    tab.page.locator("#own-fingerprint").fill(fingerprint(shop.trust))
    tab.page.locator("#own-fingerprint").press("Enter")
    if faults > 1:
        tab.page.wait_for_selector("body:not([data-started])")
    else:
        tab.page.wait_for_selector('body[data-record="unchecked"][data-trust="own"]')
    assert tab.text("#record .note") == SAY("unchecked.error")


@pytest.mark.parametrize("change", ["", "item", "event"])
def test_statement_of_the_label_is_checked(shop: Shop, address: str, tab: Tab, change: str) -> None:
    item = shop.show(shop.new())
    tab.open(f"{address}/{item}#{sign_statement(shop, item, change)}")
    key, tone = ("label.false", "stop") if change else ("label.signed", "seen")
    assert (tab.text("#label .says"), tab.tone("#label")) == (SAY(key), tone)
    assert change or "plant · June 2025" in tab.text("#label")


def test_statement_of_the_label_survives_languages_links_and_reloads(
    shop: Shop, address: str, tab: Tab
) -> None:
    """A false label would look harmless in another language."""
    item = shop.show(shop.new())
    fragment = f"#{sign_statement(shop, item, 'item')}"
    tab.open(f"{address}/{item}{fragment}")
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    tab.page.locator(".contents a", has_text=SAY("story.title")).click()
    assert tab.page.locator("#story details").first.get_attribute("open") is not None
    assert tab.page.url.endswith(fragment)
    tab.page.reload()
    tab.page.wait_for_selector("#label[data-tone=stop]")
    tab.page.locator(".languages summary").click()
    tab.page.get_by_role("link", name="Deutsch").click()
    tab.page.wait_for_selector("html[lang=de]")
    tab.page.wait_for_selector("#label[data-tone=stop]")
    assert tab.page.url.endswith(f"?lang=de{fragment}")


def test_experts_see_the_entries_as_signed(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.show(shop.new())
    tab.open(f"{address}/{item}")
    tab.page.locator("#experts summary").click()
    tab.page.locator("#experts pre").first.wait_for()
    shown = tab.page.locator("#experts pre").all_inner_texts()
    assert any('"kind": "approve"' in text for text in shown)


HOSTILE = "<img src=x onerror=alert(1)></script>\"'{{7*7}}{0}"


def test_hostile_text_stays_text(shop: Shop, address: str, tab: Tab) -> None:
    item = shop.new("APPROVED")
    shop.log.add("pack", item, {"remanufacturer": HOSTILE, "batch": HOSTILE[:60]}, by="operator")
    data = {"contact": HOSTILE, "criteria": HOSTILE, "campaign": HOSTILE[:60]}
    shop.log.add("recall", item, data, by="importer")
    tab.page.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
    tab.open(f"{address}/{shop.show(item)}")
    assert HOSTILE in tab.text("#about")
    assert HOSTILE in tab.text("#part .steps")
    assert HOSTILE in tab.text("#part .recall")
    assert tab.page.locator("main img:not(.printed)").count() == 0
    assert tab.complaints == []
