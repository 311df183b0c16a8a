"""A verifier on another origin than the ledger's, by its host's list of keys, and offline."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Tab, barcode_reader
from tests.browser.packing import pack, photo, picture
from tests.conftest import SmallDemo
from tests.pages.shop import Shop
from tests.vectors.trust_lists import KEY, make_list, make_trust
from traceledger.formats.trust import parse_trust
from traceledger_api.pages.words import load_words


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


def change_trust(data: bytes, address: str, **changes: Any) -> bytes:
    """A trust file whose policy names this address of the log, with other members changed."""
    document = msgspec.json.decode(data)
    log, *others = document["policy"].splitlines()
    document["policy"] = "\n".join([" ".join([*log.split()[:2], address]), *others, ""])
    return msgspec.json.encode(document | changes, order="sorted")


@pytest.fixture
def write_site(
    small_demo: SmallDemo, service: str, programs: Path, tmp_path: Path
) -> Iterator[Callable[..., str]]:
    """Writes a site that relies on a trust file, changed, and serves it elsewhere."""
    servers: list[ThreadingHTTPServer] = []

    def write(
        given: bytes = b"",
        ledger: str = service,
        *,
        by_list: bool = False,
        first: bytes = b"",
        **changes: Any,
    ) -> str:
        trust = tmp_path / f"trust-{len(servers)}.json"
        folder = tmp_path / f"site-{len(servers)}"
        data = given or small_demo.trust.read_bytes()
        trust.write_bytes(change_trust(data, ledger, **changes))
        options: list[str | Path] = ["--trust", trust]
        if by_list:
            now = int(time.time())
            listed = [first, trust.read_bytes()] if first else [trust.read_bytes()]
            trust.write_text(make_list(listed, lines=(7, now - 10, now + 10_000)))
            options = ["--list", trust, "--fingerprint", KEY]
        subprocess.run(
            [programs / "traceledger", "verifier-site", folder, *options, "--json"],
            check=True,
            capture_output=True,
        )
        handler = partial(Quiet, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield write
    for server in servers:
        server.shutdown()
        server.server_close()


def check(tab: Tab, text: str, record: str) -> None:
    tab.page.locator("#wanted").fill(text)
    tab.page.get_by_role("button", name="Check", exact=True).click()
    tab.page.wait_for_selector(f'body[data-record="{record}"]')


def test_a_part_is_green_by_the_keys_of_the_host(
    tab: Tab, write_site: Callable[..., str], service: str, small_demo: SmallDemo
) -> None:
    """The ledger must not be able to vouch for itself: only its record comes from it."""
    address = write_site()
    tab.open(address, "start")
    assert tab.small_screen_findings() == []
    check(tab, small_demo.unit, "proven")
    host = address.removeprefix("http://").rstrip("/")
    assert f"by the keys that {host} names" in tab.text("#record")
    assert tab.tone("#record") == tab.tone("#part") == "good"
    foreign = {request for request in tab.requests if not request.startswith(address)}
    assert foreign == {f"{service}/api/v1/items/{small_demo.unit}/passport"}
    assert tab.small_screen_findings() == []
    assert tab.complaints == []


def test_a_part_is_green_by_the_list_of_an_authority_unless_a_newer_one_is_known(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """A site that is set back to an old list must not use keys that were withdrawn since."""
    address = write_site(by_list=True)
    tab.open(address, "start")
    assert "List 7 of customs.example/ledgers" in tab.text("#rest")
    assert KEY in tab.text("#rest")
    check(tab, small_demo.unit, "proven")
    tab.open(address, "start")
    check(tab, small_demo.unit, "proven")
    for known in ("8", f"8 {'ab' * 32}", f"7 {'ab' * 32}"):  # the last is a fork
        tab.page.evaluate(f"localStorage.setItem('traceledger.list.{KEY}', '{known}')")
        tab.open(f"{address}?lang=es", "start")
        tab.page.locator("#wanted").fill(small_demo.unit)
        tab.page.locator("#wanted").press("Enter")
        tab.page.wait_for_selector(".error")
        assert "ya se conoce una más reciente" in tab.text(".error")


@pytest.mark.parametrize("form", ["link", "element string", "lower case"])
def test_a_link_or_the_text_of_a_label_leads_to_the_part(
    tab: Tab, write_site: Callable[..., str], service: str, small_demo: SmallDemo, form: str
) -> None:
    _, gtin, _, serial = small_demo.unit.split("/")
    text = {
        "link": f" {service}/{small_demo.unit}\n",
        "element string": f"(01){gtin}(21){serial}",
        "lower case": f"(01) {gtin} (21) {serial.lower()}.",
    }[form]
    tab.open(write_site(), "start")
    check(tab, text, "proven")


def test_the_address_of_a_label_leads_to_one_of_two_ledgers_with_the_same_numbers(
    tab: Tab, write_site: Callable[..., str], service: str, small_demo: SmallDemo
) -> None:
    """Else no part of a company's second ledger could be scanned."""
    items = parse_trust(small_demo.trust.read_bytes()).items
    address = write_site(by_list=True, first=make_trust("ledger.example/first", *items))
    tab.open(address, "start")
    check(tab, f"{service}/{small_demo.unit}", "proven")


def test_a_slow_answer_about_one_part_does_not_replace_that_about_the_next(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """The reader would take the verdict on the first part for that on the second."""
    tab.open(write_site(), "start")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route(f"**/{small_demo.unit}/passport", hold)
    field = tab.page.locator("#wanted")
    with tab.page.expect_request("**/passport"):
        field.fill(small_demo.unit)
        field.press("Enter")
    check(tab, f"{small_demo.unit[:-4]}AAAA", "unchecked")
    with tab.page.expect_response("**/passport"):
        held[0].continue_()
    tab.page.wait_for_timeout(500)
    assert tab.page.locator("body").get_attribute("data-record") == "unchecked"


def test_a_slow_answer_does_not_replace_the_start_that_the_reader_went_back_to(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """The verdict would come while another number is typed."""
    tab.open(f"{write_site()}#{small_demo.unit[:-4]}AAAA", "unchecked")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route(f"**/{small_demo.unit}/passport", hold)
    with tab.page.expect_request("**/passport"):
        tab.page.evaluate("item => { location.hash = item; }", small_demo.unit)
    tab.page.get_by_role("button", name=load_words("en")("site.again")).click()
    with tab.page.expect_response("**/passport"):
        held[0].continue_()
    tab.page.wait_for_timeout(500)
    assert tab.page.locator("body").get_attribute("data-record") == "start"


def test_a_site_that_cannot_draw_a_record_says_that_it_did_not_check(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """Else a verdict would stay without what belongs to it."""
    tab.open(write_site(), "start")
    tab.page.evaluate(
        """() => {
          const { replaceChildren } = Element.prototype;
          let faults = 1;
          Element.prototype.replaceChildren = function (...given) {
            if (this.id === "rest" && faults-- > 0) throw new Error("cannot draw");
            replaceChildren.apply(this, given);
          };
        }"""
    )
    check(tab, small_demo.unit, "unchecked")
    assert load_words("en")("unchecked.error") in tab.text("#record")


def test_the_part_follows_the_address_of_the_site(
    tab: Tab, write_site: Callable[..., str], service: str, small_demo: SmallDemo
) -> None:
    """As the ledger's page links to it: no server learns which part is checked."""
    tab.open(f"{write_site()}#{quote(f'{service}/{small_demo.unit}', safe='')}")
    assert small_demo.unit not in "".join(url for url in tab.requests if service not in url)


def test_other_keys_refuse_the_ledgers_record(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """A ledger that was founded anew with the same keys must not pass for the known one."""
    tab.open(write_site(founding="A" * 43), "start")
    check(tab, small_demo.unit, "refused")
    assert tab.tone("#record") == "stop"


def test_a_label_with_the_address_of_a_look_alike_is_noticed(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    tab.open(write_site(), "start")
    check(tab, f"https://ledger-example.evil.example/{small_demo.unit}", "proven")
    assert "ledger-example.evil.example" in tab.text(".notice")
    assert not any("evil" in request for request in tab.requests)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("01/09521234543213/21/", "not the number or the link of a part"),
        ("", "not the number or the link of a part"),
        ("<img src=x onerror=alert(1)>", "not the number or the link of a part"),
        ("8004/4000000000006", "no list of keys for this number"),
    ],
)
def test_what_no_list_covers_is_not_checked(
    tab: Tab, write_site: Callable[..., str], text: str, answer: str
) -> None:
    tab.open(write_site(), "start")
    check(tab, text, "start")
    assert answer in tab.text(".error")


def test_works_without_a_network_after_one_visit(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """A customs officer at a gate has no network, but a saved record and the label."""
    address = write_site()
    tab.open(address, "start")
    tab.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tab.page.wait_for_function("navigator.serviceWorker.controller !== null")
    tab.page.context.set_offline(True)
    tab.page.goto(f"{address}?lang=de")
    tab.page.wait_for_selector('body[data-record="start"]')
    assert "Ein Teil prüfen" in tab.text("h1")
    tab.page.locator("input[type=file]").set_input_files(small_demo.passport)
    tab.page.wait_for_selector(".error")
    assert "Nummer" in tab.text(".error")
    tab.page.locator("#wanted").fill(small_demo.unit)
    tab.page.locator("input[type=file]").set_input_files(small_demo.passport)
    tab.page.wait_for_selector('body[data-record="proven"]')
    tab.page.goto(f"{address}?lang=en#{quote(small_demo.unit, safe='')}")
    tab.page.wait_for_selector(".error")
    assert "Nothing was checked" in tab.text(".error")


def test_a_saved_record_of_another_part_is_refused(
    tab: Tab, write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """A seller sends the good record of a part together with another part."""
    other = small_demo.unit[:-1] + ("2" if small_demo.unit[-1] != "2" else "3")
    tab.open(write_site(), "start")
    tab.page.locator("#wanted").fill(other)
    tab.page.locator("input[type=file]").set_input_files(small_demo.passport)
    tab.page.wait_for_selector('body[data-record="refused"]')


def test_photos_come_from_the_hosts_of_the_ledgers_only(
    tab: Tab, write_site: Callable[..., str], shop: Shop, tmp_path: Path
) -> None:
    """Whoever signs a photo's address must not learn who checks the part."""
    good = picture()
    photos = [
        photo("part", "https://ledger.example/good.png", good),
        photo("label", "https://ledger.example/swapped.png", good),
        photo("seal", "https://photos.example/good.png", good),
    ]

    def answer(route: Route) -> None:
        data = good if route.request.url.endswith("good.png") else b"swapped"
        route.fulfill(body=data, headers={"Access-Control-Allow-Origin": "*"})

    tab.page.route("https://ledger.example/**", answer)
    item = shop.show(pack(shop, {}, {"photos": photos}))
    tab.open(write_site(shop.trust, "https://ledger.example"), "start")
    tab.page.locator("#wanted").fill(item)
    saved = tmp_path / "saved.json"
    saved.write_bytes(shop.passports[item])
    tab.page.locator("input[type=file]").set_input_files(saved)
    tab.page.wait_for_selector('body[data-record="proven"]')
    tab.page.locator("#photos summary").click()
    tab.page.get_by_role("button", name="Load the photos from ledger.example").click()
    tab.page.locator("#photos img:not([hidden])").wait_for()
    reasons = tab.page.locator("#photos p[role='status']")
    tab.page.get_by_text("not the photo that was signed").wait_for()
    assert [tab.page.locator("#photos img").nth(at).is_visible() for at in range(3)] == [
        True,
        False,
        False,
    ]
    assert "Ask the maker" in reasons.nth(2).inner_text()
    assert not [url for url in tab.requests if "photos.example" in url]
    assert tab.findings() == []
    assert tab.complaints == []


def test_a_browser_can_install_the_site(tab: Tab, write_site: Callable[..., str]) -> None:
    address = write_site()
    tab.open(address, "start")
    manifest = json.loads(tab.page.evaluate("fetch('manifest.webmanifest').then((a) => a.text())"))
    assert manifest["start_url"] == "./"
    assert tab.page.request.get(address + manifest["icons"][0]["src"]).ok


def test_the_page_of_the_ledger_offers_the_verifier_of_its_trust_file(
    tab: Tab, shop: Shop, address: str
) -> None:
    item = shop.show(shop.new(), verifier="https://customs.example/check/")
    page = tab.open(f"{address}/{item}")
    page.locator("#independent summary").first.click()
    link = page.locator("#offer a")
    wanted = quote(f"{address}/{item}", safe="")
    assert link.get_attribute("href") == f"https://customs.example/check/#{wanted}"
    assert "customs.example" in link.inner_text()


def test_the_page_offers_nothing_without_a_verifier(tab: Tab, shop: Shop, address: str) -> None:
    item = shop.show(shop.new())
    page = tab.open(f"{address}/{item}")
    assert parse_trust(shop.trust).verifier == ""
    assert page.locator("#offer").count() == 0


def test_camera_reads_the_code_of_a_label(
    new_tab: Callable[..., Tab], write_site: Callable[..., str], small_demo: SmallDemo
) -> None:
    """The camera is switched off as soon as a code was read."""
    tab = new_tab(permissions=["camera"])
    tab.page.add_init_script(barcode_reader("", f"https://id.example/{small_demo.unit}"))
    tab.open(write_site(), "start")
    tab.page.get_by_role("button", name="Scan with the camera").click()
    tab.page.wait_for_selector('body[data-record="proven"]')
    assert tab.page.locator("video").count() == 0
