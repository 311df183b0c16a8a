"""The earlier life of a part in another ledger, as a buyer sees it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.browser.conftest import Tab
from tests.browser.test_browser_verifier_site import change_trust
from tests.pages.shop import AGE, Shop
from tests.plain_server import serving_files
from tests.vectors.former import CORE, OtherLedger
from tests.vectors.trust_lists import make_list
from tests.world import LINE_IN, World
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import format_trust
from traceledger_api.pages.words import load_words

SAY = load_words("en")
ROW = "#lives .row"


@pytest.fixture(scope="module")
def other() -> OtherLedger:
    return OtherLedger()


def sell(shop: Shop, other: OtherLedger, data: bytes) -> str:
    """Exports a unit made of a core that names `data` as its passport in the other ledger."""

    def story(world: World) -> str:
        former = {"former": other.named(data)}
        world.add("import", CORE, former, refs=(("declaration", LINE_IN),))
        return world.unit("EXPORTED", (world.bring("core", CORE, "IN_PROCESS"),))

    return shop.show(shop.tell(story))


@pytest.fixture
def give_list(shop: Shop, other: OtherLedger, tmp_path: Path) -> Callable[[Tab], None]:
    """Gives a page the reader's own list, with the keys of both ledgers."""

    def give(tab: Tab) -> None:
        now = int(time.time())
        files = [shop.trust, format_trust(other.log.trust(max_age=AGE))]
        path = tmp_path / "list.json"
        path.write_text(make_list(files, lines=(1, now - 9, now + 10_000)))
        tab.page.locator("#own-trust input[type=file]").set_input_files(path)
        tab.page.wait_for_selector('body[data-trust="own"]')

    return give


def test_earlier_life_is_verified_by_a_list_with_the_keys_of_its_ledger(
    shop: Shop, address: str, tab: Tab, other: OtherLedger, give_list: Callable[[Tab], None]
) -> None:
    """The site keeps the record of that life, but its own keys say nothing about it."""
    item = sell(shop, other, other.data)
    tab.open(f"{address}/{item}")
    assert SAY("former.missing") in tab.text(ROW)
    assert not [request for request in tab.requests if "/former/" in request]
    give_list(tab)
    assert SAY("former.missing") in tab.text(ROW)
    shop.former[sha256(other.data).hexdigest()] = other.data
    tab.open(f"{address}/{item}")
    assert SAY("former.verified") in tab.text(ROW)
    assert tab.tone(ROW) == tab.tone("#record") == "good"
    assert other.unit in tab.text(ROW)
    assert tab.small_screen_findings() == []


def test_false_record_of_an_earlier_life_refuses_the_part(
    shop: Shop, address: str, tab: Tab, other: OtherLedger, give_list: Callable[[Tab], None]
) -> None:
    """A forged origin is as bad as a forged record of the part itself."""
    broken = replace(other.passport, seal_proof=other.passport.seal_proof[::-1])
    false = format_passport(broken)
    item = sell(shop, other, false)
    shop.former[sha256(false).hexdigest()] = false
    tab.open(f"{address}/{item}")
    give_list(tab)
    tab.open(f"{address}/{item}", "refused")
    assert SAY("former.refused") in tab.text("#record")
    assert "former.refused" in (tab.page.text_content("#refusal") or "")


@pytest.fixture
def write_site(programs: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes a verifier site that relies on some trust files; returns its folder."""

    def write(*trusts: bytes) -> Path:
        options: list[str] = []
        for place, trust in enumerate(trusts):
            (tmp_path / f"{place}.json").write_bytes(trust)
            options += ["--trust", str(tmp_path / f"{place}.json")]
        program = str(programs / "traceledger")
        command = [program, "verifier-site", str(tmp_path / "site"), *options]
        subprocess.run(command, check=True, capture_output=True)
        return tmp_path / "site"

    return write


def test_verifier_site_loads_the_earlier_record_from_the_ledger_that_the_part_came_to(
    shop: Shop, address: str, tab: Tab, other: OtherLedger, write_site: Callable[..., Path]
) -> None:
    item = sell(shop, other, other.data)
    shop.former[sha256(other.data).hexdigest()] = other.data
    trusts = (change_trust(shop.trust, address), change_trust(other.trust, "https://x.example"))
    with serving_files(write_site(*trusts)) as site:
        tab.open(f"{site}/#{item}")
        assert SAY("former.verified") in tab.text(ROW)
    assert all(request.startswith((site, address)) for request in tab.requests)


def test_another_file_than_the_named_one_is_no_record(
    shop: Shop, address: str, tab: Tab, other: OtherLedger, give_list: Callable[[Tab], None]
) -> None:
    """A site must not be able to choose among records of the earlier life."""
    item = sell(shop, other, other.data)
    shop.former[sha256(other.data).hexdigest()] = other.data[:-1] + b" }"
    tab.open(f"{address}/{item}")
    give_list(tab)
    tab.open(f"{address}/{item}")
    assert SAY("former.missing") in tab.text(ROW)


def test_keys_of_the_earlier_ledger_that_cannot_be_read_take_nothing_from_the_part(
    shop: Shop, address: str, tab: Tab, other: OtherLedger, write_site: Callable[..., Path]
) -> None:
    """The part's own record was verified, whatever becomes of that of its earlier life."""
    item = sell(shop, other, other.data)
    shop.former[sha256(other.data).hexdigest()] = other.data
    trusts = (change_trust(shop.trust, address), change_trust(other.trust, "https://x.example"))
    folder = write_site(*trusts)
    (keys,) = [
        file for file in folder.rglob("*") if file.is_file() and file.read_bytes() == trusts[1]
    ]
    keys.unlink()
    with serving_files(folder) as site:
        tab.open(f"{site}/#{item}")
        assert SAY("former.missing") in tab.text(ROW)
        assert tab.tone("#record") == "good"
