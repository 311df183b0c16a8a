"""The oldest and oddest browsers get a verdict, or an honest "not checked"."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import Tab
from tests.pages.shop import Shop
from traceledger_api.pages.words import load_words

SAY = load_words("en")

# What Safari 15.0 or Chrome 87 lack, or only some browsers have.
NEWER = {
    "Object": ["hasOwn", "groupBy"],
    "Map": ["groupBy"],
    "Promise": ["try", "withResolvers"],
    "Array": ["fromAsync"],
    "Array.prototype": ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced"],
    "Object.getPrototypeOf(Uint8Array.prototype)": ["at", "findLast", "toReversed", "toSorted"],
    "Uint8Array": ["fromBase64", "fromHex"],
    "Uint8Array.prototype": ["toBase64", "toHex"],
    "String.prototype": ["at", "isWellFormed", "toWellFormed"],
    "Set.prototype": ["difference", "intersection", "isSubsetOf", "isSupersetOf", "union"],
    "Object.getPrototypeOf(new Set().values()).__proto__": ["filter", "find", "map", "toArray"],
    "RegExp": ["escape"],
    "Intl": ["DurationFormat", "Segmenter", "supportedValuesOf"],
    "AbortSignal": ["any", "timeout"],
    "AbortSignal.prototype": ["throwIfAborted"],
    "crypto.__proto__": ["randomUUID"],
    "URL": ["canParse", "parse"],
    "Response.prototype": ["bytes"],
    "Blob.prototype": ["bytes"],
    "Element.prototype": ["checkVisibility", "setHTML", "togglePopover", "showPopover"],
    "Document.prototype": ["startViewTransition"],
    "Navigator.prototype": ["canShare", "share", "userAgentData"],
    "globalThis": [
        *("BarcodeDetector", "HTMLDialogElement", "navigation", "requestIdleCallback"),
        *("scheduler", "structuredClone"),
    ],
}
REMOVE_NEWER = f"""
for (const [holder, names] of Object.entries({json.dumps(NEWER)}))
  for (const name of names) delete (0, eval)(holder)[name];
"""
WITHOUT_ED25519 = """
const { importKey } = SubtleCrypto.prototype;
SubtleCrypto.prototype.importKey = function (format, bytes, algorithm, ...rest) {
  return (algorithm.name ?? algorithm) === "Ed25519"
    ? Promise.reject(new DOMException("", "NotSupportedError"))
    : importKey.call(this, format, bytes, algorithm, ...rest);
};
"""


def test_browser_of_the_stated_floor_gets_a_verdict(shop: Shop, address: str, tab: Tab) -> None:
    """A method that Safari 15.0 lacks once ended the check there, and only there."""
    tab.page.add_init_script(REMOVE_NEWER + WITHOUT_ED25519)
    tab.open(f"{address}/{shop.show(shop.new())}")
    assert tab.text("#part .says") == SAY("standing.released")
    assert tab.page.evaluate("Object.hasOwn ?? [].at ?? globalThis.structuredClone") is None
    assert tab.complaints == []


@pytest.mark.parametrize(
    "removed",
    [
        *("localStorage", "Intl", "IntersectionObserver", "matchMedia"),
        *("performance", "Performance.prototype.mark"),
    ],
)
def test_verdict_needs_no_more_than_it_must(
    shop: Shop, address: str, tab: Tab, removed: str
) -> None:
    """A blocked store or a missing format of dates is no reason not to check."""
    tab.page.add_init_script(f"delete globalThis.{removed};")
    tab.open(f"{address}/{shop.show(shop.new())}")
    assert tab.text("#part .says") == SAY("standing.released")


BLOCKED = "Object.defineProperty(globalThis, 'localStorage', {get() { throw new Error('no'); }});"


def test_blocked_store_is_no_reason_not_to_check(shop: Shop, address: str, tab: Tab) -> None:
    tab.page.add_init_script(BLOCKED)
    tab.open(f"{address}/{shop.show(shop.new())}")
    assert tab.text("#part .says") == SAY("standing.released")


@pytest.mark.parametrize(
    ("removed", "reason"),
    [
        ("Crypto.prototype.subtle", "ed25519"),
        ("SubtleCrypto.prototype.digest", "error"),
        ("globalThis.BigInt", "error"),
        ("globalThis.AbortController", "error"),
        ("globalThis.fetch", "error"),
        ("String.prototype.replaceAll", "error"),
    ],
)
def test_missing_api_is_never_the_fault_of_the_record_or_the_network(
    shop: Shop, address: str, tab: Tab, removed: str, reason: str
) -> None:
    """Below the stated floor, the page must say that it did not check, and why."""
    tab.page.add_init_script(f"delete {removed};")
    tab.open(f"{address}/{shop.show(shop.new())}", "unchecked")
    assert SAY(f"unchecked.{reason}") in tab.text("#record .note")
    assert tab.page.locator('use[href="#good"], use[href="#seen"]').count() == 0
    assert SAY("standing.released") in tab.text("#stated")


@pytest.mark.parametrize(
    "removed",
    ["globalThis.TextDecoder", "Array.prototype.flatMap", "Element.prototype.replaceChildren"],
)
def test_browser_that_cannot_draw_the_page_says_so_after_a_while(
    shop: Shop, address: str, tab: Tab, removed: str
) -> None:
    """A failure while the page was drawn left "Checking…" on the screen for good."""
    tab.page.add_init_script(f"delete {removed};")
    tab.page.goto(f"{address}/{shop.show(shop.new())}")
    assert tab.end_waiting() == {8000}
    tab.page.get_by_text(SAY("unchecked.script")).wait_for(state="visible")
    assert not tab.page.get_by_text(SAY("record.checking")).is_visible()
    assert SAY("standing.released") in tab.text("#stated")
