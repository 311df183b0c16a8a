"""The page verify.html in Chromium, opened from the disk with the network off."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import find_on_small_screen
from tests.conftest import SmallDemo
from tests.passports import Log
from tests.vectors.former import CORE, OtherLedger
from tests.vectors.trust_lists import KEY, make_list
from tests.world import LINE_IN, World
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import fingerprint, format_trust
from traceledger_api.pages.words import LANGUAGES, load_words
from traceledger_api.verifier import PAGE


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A copy of the page alone in a folder; fails if it asks for anything or reports an error."""
    alone = tmp_path / "page" / "verify.html"
    alone.parent.mkdir()
    shutil.copy(PAGE, alone)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto(alone.as_uri())
    yield page
    context.close()
    assert asked == [alone.as_uri()]
    assert faults == []


SAY = load_words("en")


def give(page: Page, passport: bytes, trust: bytes, item: str) -> None:
    """Gives the page its two files and the item, and asks for the verdict."""
    for name, data in (("passport", passport), ("trust", trust)):
        file = {"name": f"{name}.json", "mimeType": "application/json", "buffer": data}
        page.set_input_files(f"#{name}", cast("Any", file))
        page.wait_for_selector(f"#{name}-name:not(:empty)")
    page.fill("#item", item)
    page.click("button[type=submit]")


def check(page: Page, passport: bytes, trust: bytes, item: str, *, first_use: bool = False) -> str:
    """Gives the page its two files and the item, and returns what the verdict is."""
    for name, data in (("passport", passport), ("trust", trust)):
        file = {"name": f"{name}.json", "mimeType": "application/json", "buffer": data}
        page.set_input_files(f"#{name}", cast("Any", file))
        page.wait_for_selector(f"#{name}-name:not(:empty)")
    page.fill("#item", item)
    if first_use:
        page.check("#first-use")
    page.click("button[type=submit]")
    page.wait_for_selector("#result:not([hidden])")
    return page.get_attribute("#result", "data-result") or ""


def report(page: Page) -> Any:
    page.locator("#experts details").evaluate("one => { one.open = true; }")
    page.wait_for_selector("#report")
    return json.loads(page.text_content("#report") or "")


def test_a_good_passport_is_verified(page: Page, small_demo: SmallDemo) -> None:
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    address = f"https://id.example/{small_demo.unit}"
    assert check(page, passport, trust, address) == "verified"
    assert report(page)["item"] == small_demo.unit
    assert fingerprint(trust) in page.inner_text("#trust-name")
    assert page.get_attribute("#record", "data-tone") == "good"
    assert page.locator("#tests .results li").count() > 2
    page.click("#story summary >> nth=0")
    assert SAY("story.assemble") in page.inner_text("#story")


def test_files_can_be_dropped(page: Page, small_demo: SmallDemo) -> None:
    for name in ("passport", "trust"):
        text = getattr(small_demo, name).read_text()
        page.evaluate(
            """([name, text]) => {
                const data = new DataTransfer();
                data.items.add(new File([text], `${name}.json`));
                const box = document.querySelector(`[data-file=${name}]`);
                box.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
            }""",
            [name, text],
        )
        page.wait_for_selector(f"#{name}-name:not(:empty)")
    page.fill("#item", small_demo.unit)
    page.keyboard.press("Enter")
    page.wait_for_selector("#result[data-result=verified]")


def test_first_use_is_incomplete_and_says_why(page: Page, small_demo: SmallDemo) -> None:
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    assert check(page, passport, trust, small_demo.unit, first_use=True) == "incomplete"
    assert page.get_attribute("#record", "data-tone") == "seen"
    assert page.locator('#result [data-tone="good"]').count() == 0
    origin = report(page)["origin"]
    assert page.inner_text("#record .says") == SAY("record.first_use", host=origin)


def test_a_forged_passport_is_refused_with_its_code(page: Page, small_demo: SmallDemo) -> None:
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    assert check(page, passport + b" ", trust, small_demo.unit) == "refused"
    assert page.get_attribute("#record", "data-tone") == "stop"
    assert "passport.form" in (page.text_content("#refusal") or "")


def test_an_earlier_life_is_verified_with_its_record_and_keys(page: Page) -> None:
    """Its files come in any order; a list with the keys of both ledgers needs no second one."""
    other, world = OtherLedger(), World()
    named = {"former": other.named(other.data)}
    world.add("import", CORE, named, refs=(("declaration", LINE_IN),))
    log = Log(world)
    data, own = format_passport(log.passport(CORE)), format_trust(log.trust(max_age=10**9))
    now = int(time.time())
    both = make_list([own, other.trust], lines=(1, now - 9, now + 10_000)).encode()

    def drop(*files: bytes) -> None:
        given = [
            {"name": f"{place}.json", "mimeType": "application/json", "buffer": file}
            for place, file in enumerate(files)
        ]
        page.set_input_files("#former", cast("Any", given))
        page.wait_for_function(
            "count => document.querySelector('#former-name').textContent.split(' · ').length"
            " === count",
            arg=len(files),
        )

    def seen(trust: bytes) -> str:
        page.evaluate("document.querySelector('#result').hidden = true")
        check(page, data, trust, CORE)
        return page.inner_text("#lives .says")

    assert seen(own) == SAY("former.missing")
    drop(other.data)
    assert seen(own) == SAY("former.missing")
    assert seen(both) == SAY("former.verified")
    drop(other.trust, other.data)
    assert seen(own) == SAY("former.verified")
    drop(other.trust, other.data[:-1] + b" }")
    assert seen(own) == SAY("former.missing")


def test_a_recall_comes_before_everything_else(page: Page) -> None:
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    contact = "<img src=x onerror=alert(1)> desk"
    log.add("recall", unit, {"contact": contact}, by="approver")
    trust = format_trust(log.trust(max_age=10**9))
    check(page, format_passport(log.passport(unit)), trust, unit)
    warning = page.inner_text(".verdict > :first-child")
    assert warning.startswith("DO NOT USE: recalled")
    assert contact in warning


def test_shows_a_text_as_it_is_even_where_javascript_has_a_meaning_for_it(page: Page) -> None:
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("recall", unit, {"campaign": "constructor", "contact": "true"}, by="approver")
    trust = format_trust(log.trust(max_age=10**9))
    check(page, format_passport(log.passport(unit)), trust, unit)
    shown = page.inner_text("#part")
    assert "constructor" in shown
    assert "Call or write: true" in shown


@pytest.mark.parametrize("item", ["01/09521234543213/21/", "01/09521234543214/21/A", "a part"])
def test_number_with_a_mistake_is_a_mistake_in_its_field_and_no_verdict(
    page: Page, small_demo: SmallDemo, item: str
) -> None:
    give(page, small_demo.passport.read_bytes(), small_demo.trust.read_bytes(), item)
    page.get_by_text(SAY("checker.item.bad")).wait_for()
    assert page.is_hidden("#result")


@pytest.mark.parametrize("name", ["passport", "trust"])
def test_wrong_file_is_a_mistake_and_no_verdict(
    page: Page, small_demo: SmallDemo, name: str
) -> None:
    files = {"passport": small_demo.passport.read_bytes(), "trust": small_demo.trust.read_bytes()}
    give(page, **{**files, name: b"{}"}, item=small_demo.unit)
    key = "checker.passport.bad" if name == "passport" else "own_trust.bad"
    page.get_by_text(SAY(key)).wait_for()
    assert page.is_hidden("#result")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_speaks_the_language_that_its_reader_picks(
    page: Page, small_demo: SmallDemo, language: str
) -> None:
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    page.select_option("#language", language)
    say = load_words(language)
    page.get_by_text(say("record.own_trust"), exact=True).wait_for()
    assert page.inner_text("h1 >> nth=0") == say("checker.title")
    assert page.get_attribute("html", "lang") == language
    assert page.get_attribute("html", "dir") == say.direction
    assert page.locator("[data-say]:empty").count() == 0


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_fits_small_screens_with_large_letters_and_axe_finds_nothing(
    page: Page, small_demo: SmallDemo, language: str
) -> None:
    page.select_option("#language", language)
    assert find_on_small_screen(page) == []
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    assert find_on_small_screen(page) == []
    check(page, passport, trust, f"{small_demo.unit[:-1]}2")
    assert find_on_small_screen(page) == []


def test_targets_are_large_enough_for_a_thumb(page: Page, small_demo: SmallDemo) -> None:
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    sizes = page.locator(
        "button, select, summary, input:not([type=checkbox]), .choice label"
    ).evaluate_all("all => all.map((one) => one.getBoundingClientRect().height).filter(Boolean)")
    assert min(sizes) >= 44


def test_isolates_right_to_left_text_of_strangers(page: Page) -> None:
    """A campaign in Hebrew would move the severity beside it."""
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("recall", unit, {"campaign": "קריאה", "contact": "مصنع"}, by="approver")
    trust = format_trust(log.trust(max_age=10**9))
    check(page, format_passport(log.passport(unit)), trust, unit)
    isolated = page.locator("#part bdi").all_inner_texts()
    assert {"קריאה", "مصنع"} <= set(isolated)


def test_says_what_is_still_needed(page: Page) -> None:
    page.click("button[type=submit]")
    needed = " · ".join(SAY(f"checker.{name}") for name in ("passport", "trust", "item"))
    assert page.inner_text("#missing") == SAY("checker.missing", value=needed)
    assert page.is_hidden("#result")


def test_a_browser_without_ed25519_is_told_so(page: Page, small_demo: SmallDemo) -> None:
    page.evaluate(
        """() => { crypto.subtle.importKey = async () => {
            throw new DOMException("no", "NotSupportedError");
        }; }"""
    )
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    assert check(page, passport, trust, small_demo.unit) == "unsupported"
    assert SAY("unchecked.ed25519") in page.inner_text(".verdict")


def test_a_browser_without_ed25519_is_told_so_with_a_list_of_an_authority(
    page: Page, small_demo: SmallDemo
) -> None:
    """The page must not keep silent because the list itself is signed."""
    page.evaluate(
        """() => { crypto.subtle.importKey = async () => {
            throw new DOMException("no", "NotSupportedError");
        }; }"""
    )
    now = int(time.time())
    listed = make_list([small_demo.trust.read_bytes()], lines=(2, now - 10, now + 1000)).encode()
    passport = small_demo.passport.read_bytes()
    assert check(page, passport, listed, small_demo.unit) == "unsupported"
    assert SAY("unchecked.ed25519") in page.inner_text(".verdict")


def test_a_verdict_goes_with_what_it_was_about(page: Page, small_demo: SmallDemo) -> None:
    """Beside other files or another number, an old verdict would seem to be about those."""
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    page.fill("#item", f"{small_demo.unit[:-1]}2")
    page.wait_for_selector("#result", state="hidden")
    page.set_input_files("#trust", [])  # as browsers do when their dialog is cancelled
    page.wait_for_selector("#trust-name", state="hidden")
    give(page, b"{}", trust, small_demo.unit)
    page.get_by_text(SAY("checker.passport.bad")).wait_for()
    page.select_option("#language", "de")
    page.get_by_text(load_words("de")("checker.title"), exact=True).first.wait_for()
    assert page.is_hidden("#result")


# Makes a function of the browser wait until `release()`, as a slow device or a large file does.
HOLD = """([owner, name]) => {
    const held = new Promise((release) => { globalThis.release = release; });
    const place = owner.split(".").reduce((found, part) => found[part], globalThis);
    const before = place[name];
    globalThis.begun = new Promise((begin) => {
        place[name] = async function (...given) {
            begin();
            await held;
            return before.apply(this, given);
        };
    });
    globalThis.stopHolding = () => { place[name] = before; };
}"""


@pytest.mark.parametrize("what", ["verdict", "mistake", "other language"])
def test_nothing_slow_appears_beside_another_number(
    page: Page, small_demo: SmallDemo, what: str
) -> None:
    """What is still checked or drawn is about the number before."""
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    if what == "mistake":
        trust = make_list([trust], lines=(3, 1000, 2000)).encode()
        give(page, passport, trust, small_demo.unit)
        page.wait_for_selector("#missing:not(:empty)")
    else:
        check(page, passport, trust, small_demo.unit)
    page.evaluate(HOLD, ["crypto.subtle", "verify" if what == "mistake" else "digest"])
    if what == "other language":
        page.select_option("#language", "de")
    else:
        page.click("button[type=submit]")
    page.evaluate("begun")
    page.fill("#item", f"{small_demo.unit[:-1]}2")
    page.evaluate("release()")
    page.wait_for_timeout(300)
    assert page.is_hidden("#result")
    assert page.inner_text("#missing") == ""


def test_verdict_without_the_earlier_life_goes_when_its_files_are_read(
    page: Page, small_demo: SmallDemo
) -> None:
    """Beside their names, the verdict would seem to be about them too."""
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    page.evaluate(HOLD, ["Blob.prototype", "arrayBuffer"])
    file = {"name": "former.json", "mimeType": "application/json", "buffer": passport}
    page.set_input_files("#former", cast("Any", file))
    page.evaluate("begun")
    page.click("button[type=submit]")
    page.wait_for_selector("#result:not([hidden])")
    page.evaluate("release()")
    page.wait_for_selector("#former-name:not(:empty)")
    assert page.is_hidden("#result")


@pytest.mark.parametrize("name", ["passport", "former"])
def test_slow_file_does_not_replace_the_one_chosen_after_it(
    page: Page, small_demo: SmallDemo, name: str
) -> None:
    """The verdict would be about the first file, beside the name of the second, or the reverse."""

    def choose(file_name: str, data: bytes) -> None:
        file = {"name": file_name, "mimeType": "application/json", "buffer": data}
        page.set_input_files(f"#{name}", cast("Any", file))

    page.evaluate(HOLD, ["Blob.prototype", "arrayBuffer"])
    choose("first.json", b"{}")
    page.evaluate("begun")
    page.evaluate("stopHolding()")
    choose("second.json", small_demo.passport.read_bytes())
    page.wait_for_selector(f"#{name}-name:not(:empty)")
    page.evaluate("release()")
    page.wait_for_timeout(200)
    assert page.inner_text(f"#{name}-name") == "second.json"


def test_fault_of_the_page_is_no_verdict_and_not_silent(
    browser: Browser, small_demo: SmallDemo
) -> None:
    page = browser.new_page()
    page.goto(PAGE.as_uri())
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    page.evaluate("() => { crypto.subtle.digest = () => Promise.reject(new Error('broken')); }")
    page.click("button[type=submit]")
    page.get_by_text(SAY("unchecked.error")).wait_for()
    assert page.get_attribute("#record", "data-tone") == "plain"
    page.close()


def test_the_page_allows_no_connection_and_no_other_script(browser: Browser) -> None:
    page = browser.new_page()
    page.goto(PAGE.as_uri())
    policy = page.get_attribute("meta[http-equiv]", "content") or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    tried = "fetch('https://example.org/').then(() => 'sent', () => 'blocked')"
    assert page.evaluate(tried) == "blocked"
    added = "document.head.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    page.evaluate(f"() => {{ {added}; }}")
    assert page.evaluate("typeof x") == "undefined"
    assert asked == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_readable_at_every_width_and_in_both_schemes(
    page: Page, small_demo: SmallDemo, scheme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    check(page, passport, trust, small_demo.unit)
    page.click("#story summary >> nth=0")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    assert page.evaluate(CONTRAST) >= 4.5


# The smallest contrast (WCAG 2.2) between a text and what it stands on.
CONTRAST = """() => {
    const shade = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((part) => {
        const c = part / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const paper = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return colour.endsWith(", 0)") ? paper(element.parentElement) : colour;
    };
    const texts = [...document.querySelectorAll("main *")].filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    return Math.min(...texts.map((element) => {
        const [a, b] = [shade(getComputedStyle(element).color), shade(paper(element))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }));
}"""


def test_a_list_of_an_authority_counts_until_it_expires(page: Page, small_demo: SmallDemo) -> None:
    """A buyer needs the key of an authority and no file of the plant, but never an old list."""
    passport, trust = small_demo.passport.read_bytes(), small_demo.trust.read_bytes()
    now = int(time.time())
    newest = make_list([trust], lines=(2, now - 10, now + 1000)).encode()
    assert check(page, passport, newest, small_demo.unit) == "verified"
    assert KEY in page.inner_text("#trust-name")
    assert "List 2 of customs.example/ledgers" in page.inner_text("#trust-name")
    for old, words in {
        make_list([trust], lines=(1, now - 10, now + 1000)): "a newer one is known",
        make_list([trust], lines=(3, 1000, 2000)): "expired on",
        make_list([trust], lines=(3, now, now + 9), digest=bytes(32)): "was changed",
        make_list(lines=(3, now - 10, now + 1000)).replace("x", "y"): "not a list",
    }.items():
        give(page, passport, old.encode(), small_demo.unit)
        page.wait_for_function(
            f"document.querySelector('#missing').textContent.includes('{words}')"
        )
        assert page.is_hidden("#result")
