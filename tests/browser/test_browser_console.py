"""The customs console in a browser: from the overview to a signed event, by keyboard, by key."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE, Tab
from tests.conftest import SmallDemo
from traceledger_api.pages.customs.words import load_console_words

NewTab = Callable[..., Tab]
LIST = Path(__file__).parents[1] / "data" / "lists" / "05-declaration-query.csv"
PAGES = (
    *(
        "",
        "/items",
        "/findings",
        "/log",
        "/reports",
        "/list",
        "/samples",
    ),
    *("/figure/open_cores", "/table/books/0/mass", "/event/1", "/find?q=QD8", "/find?q=zzzz"),
)
LINKED = (
    *("/customs/line/", "/customs/findings/", "/customs/figure/books/"),
    "/customs/book/",
)


@pytest.fixture(scope="module")
def make_link(service: str, small_demo: SmallDemo, programs: Path) -> Callable[[], str]:
    """Makes a one-time link for the officer, as the command does on the computer with the key."""

    def make() -> str:
        keys, passphrase = small_demo.root / "keys" / "customs", small_demo.root / "passphrase"
        options: list[str | Path] = [
            "--key",
            "officer",
            "--keys",
            keys,
            "--key-passphrase-file",
            passphrase,
        ]
        command: list[str | Path] = [programs / "traceledger", "login", service, *options, "--json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr + run.stdout
        return str(json.loads(run.stdout)["link"])

    return make


@pytest.fixture(scope="module")
def session(browser: Browser, make_link: Callable[[], str]) -> Iterator[Any]:
    """The state of a browser that is signed in."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(make_link())
    page.locator("button:focus").press("Enter")
    page.wait_for_url(re.compile(r"/customs\?to="))
    yield context.storage_state()
    context.close()


def link_to(page: Page, start: str) -> str:
    """The address of the first link on a page that begins so."""
    return page.locator(f'main a[href^="{start}"]').first.get_attribute("href") or ""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_keyboard_leads_from_the_overview_to_a_signed_event(
    service: str, new_tab: NewTab, session: Any, language: str
) -> None:
    """Defends against an office in which only a mouse reaches the evidence."""
    say = load_console_words(language)
    tab = new_tab(storage_state=session, viewport={"width": 1280, "height": 900})
    page = tab.page
    page.goto(f"{service}/customs?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    table = page.get_by_role("region", name=re.compile(say("lines"))).locator("table")
    table.locator("tbody a").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/customs/(figure|book|items)"))
    if "/book/" in page.url:
        page.goto(service + link_to(page, "/customs/figure/"))
    followed = page.url
    page.locator("main table tbody a").first.focus()
    for key in ("ArrowUp", "ArrowDown", "End"):  # by way of the headings, which sort
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/customs/event/"))
    payload = json.loads(page.locator("pre").first.inner_text())
    assert payload["sub"].startswith(("8004/", "decl/", "01/"))
    assert page.get_by_role("heading", name=say("token"), exact=True).is_visible()
    page.keyboard.press("Backspace")
    page.wait_for_url(followed)
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused.startswith("/customs/event/")
    page.keyboard.press("/")
    page.keyboard.type(payload["sub"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/customs/(item|line)/"))
    assert tab.complaints == []
    assert all(url.startswith(service) for url in tab.requests)


def test_pages_fit_and_have_no_findings(service: str, new_tab: NewTab, session: Any) -> None:
    """Defends against pages that nobody can read on a small screen, in the dark, or aloud."""
    tab = new_tab(storage_state=session, viewport={"width": 1280, "height": 900})
    page = tab.page
    page.goto(f"{service}/customs?lang=en")
    addresses = [f"/customs{path}" for path in PAGES] + [link_to(page, one) for one in LINKED]
    page.goto(f"{service}{addresses[-1]}")
    addresses += [link_to(page, f"/customs/{kind}") for kind in ("item/8004", "item/01", "line/")]
    assert all(addresses)
    for number, address in enumerate(addresses):
        page.emulate_media(color_scheme=("light", "dark")[number % 2])
        page.set_viewport_size({"width": (360, 1280)[number % 3 == 0], "height": 900})
        language = ("en", "zh-CN")[number % 2]
        page.goto(service + re.sub(r"lang=en\b", f"lang={language}", address))
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.locator("h1").count() == 1, address
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, address
        assert tab.findings() == [], address
    assert tab.complaints == []


def test_evidence_is_reached_without_scripts(service: str, new_tab: NewTab, session: Any) -> None:
    """Defends against figures that exist only in a browser that runs our script."""
    tab = new_tab(storage_state=session, java_script_enabled=False)
    page = tab.page
    page.goto(f"{service}/customs?lang=en")
    page.locator('main a[href^="/customs/figure/"]').first.click()
    page.goto(f"{service}/customs/figure/open_cores")
    page.locator('main a[href^="/customs/event/"]').first.click()
    assert '"kind"' in page.locator("pre").first.inner_text()


def test_browser_chooses_the_seed_of_a_sample(service: str, new_tab: NewTab, session: Any) -> None:
    """Defends against a sample that the server, or whoever sends a link, has chosen."""
    seeds = set()
    for _ in range(2):
        page = new_tab(storage_state=session).page
        page.goto(f"{service}/customs/samples?lang=en")
        page.locator("form.draw button").click()
        page.wait_for_url(re.compile(r"/samples/\d+"))
        assert page.locator("tbody tr").count() == 12
        seeds.add(page.locator("dl code.long").first.inner_text())
    assert len(seeds) == 2


def test_results_are_signed_elsewhere_and_come_back(
    service: str,
    new_tab: NewTab,
    session: Any,
    *,
    small_demo: SmallDemo,
    programs: Path,
    tmp_path: Path,
) -> None:
    """Defends against results that no officer signed, in the console and in an auditor's report."""
    tab, say = new_tab(storage_state=session), load_console_words("en")
    page = tab.page
    # As of the archive: other tests may have added to the log meanwhile.
    size = (small_demo.root / "archive" / "checkpoint").read_text().splitlines()[1]
    page.goto(f"{service}/customs/samples?lang=en&to={size}")
    page.locator("#seed").fill("5e" * 32)
    page.locator("form.draw button").press("Enter")
    page.wait_for_url(re.compile(r"/samples/\d+"))
    page.locator('[name="result.1"]').select_option("differs")
    page.locator('[name="remark.1"]').fill("箱号不符")
    with page.expect_download() as saved:
        page.get_by_role("button", name=say("samples.save")).press("Enter")
    statement = tmp_path / saved.value.suggested_filename
    saved.value.save_as(statement)
    note = statement.with_suffix(".note")
    passphrase = ("--passphrase-file", small_demo.root / "passphrase")
    key = small_demo.root / "keys" / "customs" / "officer.pem"

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [programs / "traceledger", *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    shown = run("sign-sample", statement, "--sign", key, *passphrase)
    vkey = shown.split()[-1]
    assert "箱号不符" in run("verify-report", note, "--key", vkey)
    page.locator("#note").set_input_files(note)
    page.get_by_role("button", name=say("samples.send.do"), exact=True).press("Enter")
    page.get_by_text(say("samples.signed")).wait_for()
    assert page.locator('[name="result.1"]').input_value() == "differs"
    for width in (360, 1280):
        page.emulate_media(color_scheme="dark" if width == 360 else "light")
        page.set_viewport_size({"width": width, "height": 900})
        assert tab.findings() == [], width
    options = ("--trust", small_demo.trust, "--workers", "1", "--report", tmp_path / "report.zip")
    own = ("--customs-list", LIST, "--codes", "customs")
    run("audit", small_demo.root / "archive", *options, *own, "--sample", note)
    with zipfile.ZipFile(tmp_path / "report.zip") as files:
        assert "differs,箱号不符" in files.read("O.csv").decode()


def test_used_link_says_so(new_tab: NewTab, make_link: Callable[[], str]) -> None:
    """Defends against an officer who cannot tell a used link from a lost right."""
    link, say = make_link(), load_console_words("en")
    for expected in (say("account.title"), say("login.title")):
        page = new_tab().page
        page.goto(link)
        if expected == say("account.title"):
            page.locator("button").click()
            page.wait_for_url(re.compile("/customs"))
        else:
            assert page.get_by_text(say("login.link")).is_visible()


def test_key_of_the_browser_signs_in_once_it_is_registered(
    service: str, new_tab: NewTab, small_demo: SmallDemo, programs: Path, tmp_path: Path
) -> None:
    """Defends against a key that leaves the browser, or that nobody registered."""
    say = load_console_words("en")
    page = new_tab(accept_downloads=True).page
    page.goto(f"{service}/customs/login")
    with page.expect_download() as download:
        page.get_by_role("button", name=say("login.key.make")).click()
    request = tmp_path / "request.json"
    download.value.save_as(request)
    use = page.get_by_role("button", name=say("login.go"))
    use.click()
    page.get_by_text(say("login.key.failed")).wait_for()
    keys, passphrase = small_demo.root / "keys" / "customs", small_demo.root / "passphrase"
    command: list[str | Path] = [
        programs / "traceledger",
        "key",
        "register",
        "--request",
        request,
        "--roles",
    ]
    command += ["customs", "--label", "browser", "--key", "admin", "--keys", keys]
    command += ["--ledger", service, "--key-passphrase-file", passphrase]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    page.reload()
    use.click()
    page.wait_for_url(re.compile(r"/customs\?to="))
    assert page.locator("h1").inner_text()
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def test_own_list_is_sent_as_a_form(service: str, new_tab: NewTab, session: Any) -> None:
    """Defends against a comparison that needs a script, or that fails as browsers send it."""
    tab = new_tab(storage_state=session, java_script_enabled=False)
    page, say = tab.page, load_console_words("en")
    page.goto(f"{service}/customs/list?lang=en")
    page.locator("#list").set_input_files(LIST)
    page.locator("#codes").select_option("customs")
    page.get_by_role("button", name=say("list.compare")).click()
    page.get_by_text(say("list.forgotten")).wait_for()
    assert page.locator("tbody tr").count() > 2
