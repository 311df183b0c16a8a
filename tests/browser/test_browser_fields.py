"""What a party writes about itself, the part and its photos, as the page shows it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Route

from tests.browser.conftest import Tab, barcode_reader
from tests.browser.packing import pack, photo, picture
from tests.conftest import SmallDemo
from tests.pages.shop import Shop
from traceledger.formats.trust import fingerprint
from traceledger.labels.scanning import read_label

OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
WIDTH = "document.documentElement.scrollWidth"
MARKUP = "<img src=x onerror=alert(1)></script>\"'{{7*7}}{0}"
LONG = "Ж" * 500
EMOJI = "\U0001f527\U0001f468" * 6
PHOTOS = "https://photos.example"


def test_hostile_text_in_every_optional_field_leaves_the_page_whole(
    shop: Shop, address: str, tab: Tab
) -> None:
    """Each of these texts is a stranger's, and any of them could be markup or break the layout."""
    fields = {"name_latin": MARKUP, "name_local": EMOJI, "address": LONG}
    shop.log.add("profile", "party/plant", fields, by="plant admin")
    item = pack(
        shop,
        {
            "fits": [MARKUP[:60].strip(), "W" * 64],
            "installation": [{"text": LONG}, {"text": MARKUP, "lang": "en"}],
            "document": {"url": "https://x.example/a", "sha256": "0" * 64, "title": MARKUP[:64]},
            "warranty": {"months": 24, "claim": LONG, "proof": EMOJI},
        },
        {"photos": [photo("seal", "", b"")]},
    )
    tab.page.set_viewport_size({"width": 320, "height": 640})
    tab.page.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
    tab.open(f"{address}/{shop.show(item)}")
    tab.page.evaluate(OPEN_ALL)
    assert MARKUP in tab.text("#maker")
    assert LONG in tab.text("#maker")
    assert MARKUP in tab.text("#workshop")
    assert LONG in tab.text("#warranty")
    assert tab.page.evaluate(WIDTH) <= 320
    assert tab.page.locator("main figure img").count() == 1
    assert tab.findings() == []
    assert tab.complaints == []


def test_profile_without_anything_has_no_section(shop: Shop, address: str, tab: Tab) -> None:
    shop.log.add("profile", "party/plant", {}, by="plant admin")
    tab.open(f"{address}/{shop.show(shop.new('PACKED'))}")
    assert tab.page.locator("#maker, .contents a[href='#maker']").count() == 0
    assert tab.complaints == []


def test_photos_are_shown_only_if_they_are_the_signed_pictures(
    shop: Shop, address: str, tab: Tab
) -> None:
    """A host that swaps a photo, or sends something else, must not decorate a verified record."""
    good, text = picture(), b"no picture"
    photos = [
        photo("part", f"{PHOTOS}/good.png", good),
        photo("label", f"{PHOTOS}/swapped.png", good),
        photo("seal", f"{PHOTOS}/text.png", text),
        photo("part", "", good),
        photo("part", f"{PHOTOS}/gone.png", good),
    ]
    answers = {"good.png": good, "swapped.png": picture() + b"\0", "text.png": text}

    def answer(route: Route) -> None:
        data = answers.get(route.request.url.rpartition("/")[2])
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=200 if data else 404, body=data or b"", headers=headers)

    tab.page.route(f"{PHOTOS}/**", answer)
    item = shop.show(pack(shop, {}, {"photos": photos}))
    answered = tab.page.goto(f"{address}/{item}")
    assert answered is not None
    policy = answered.headers["content-security-policy"]
    assert f"connect-src 'self' {PHOTOS};" in policy
    tab.page.wait_for_selector('body[data-record="proven"]')
    assert not [url for url in tab.requests if url.startswith(PHOTOS)]
    tab.page.locator("#photos summary").click()
    tab.page.get_by_role("button", name="Load the photos from photos.example").click()
    tab.page.locator("#photos img:not([hidden])").wait_for()
    reasons = tab.page.locator("#photos p[role='status']")
    while not all(reasons.all_inner_texts()[1:]):
        tab.page.wait_for_timeout(20)
    shown = tab.page.locator("#photos img").evaluate_all("all => all.map((one) => one.hidden)")
    assert shown == [False, True, True, True, True]
    first, *others = reasons.all_inner_texts()
    assert first == ""
    for expected, found in zip(
        ("not the photo that was signed", "not a picture", "Ask the maker", "could not be loaded"),
        others,
        strict=True,
    ):
        assert expected in found


def test_camera_reads_the_fingerprint_of_a_list(
    shop: Shop, address: str, new_tab: Callable[..., Tab]
) -> None:
    """Customs print the fingerprint as a code: `traceledger trust show --qr`."""
    item = shop.show(shop.new())
    tab = new_tab(permissions=["camera"])
    tab.page.add_init_script(barcode_reader("", fingerprint(shop.trust)))
    tab.open(f"{address}/{item}")
    tab.page.locator("#independent summary").click()
    tab.page.get_by_role("button", name="Scan with the camera").click()
    tab.page.wait_for_selector('body[data-trust="own"][data-record="proven"]')
    assert tab.tone("#record") == "good"


def test_printed_page_carries_the_label(service: str, small_demo: SmallDemo, tab: Tab) -> None:
    """Who holds the paper needs a way back to the page, and the first visit does not load it."""
    tab.page.add_init_script("window.print = () => { document.body.dataset.printed = ''; };")
    tab.open(f"{service}/{small_demo.unit}")
    assert not [url for url in tab.requests if url.endswith("/label")]
    tab.page.get_by_role("button", name="Print or save as PDF").click()
    tab.page.wait_for_selector("body[data-printed]")
    tab.page.emulate_media(media="print")
    tab.page.set_viewport_size({"width": 794, "height": 1123})
    drawn = tab.page.locator("img.printed")
    assert read_label(drawn.screenshot()).item.text == small_demo.unit
