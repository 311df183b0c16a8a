"""The way in without a code, and errors as pages: a mistake in a number is only a mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.api.site import URL, Site, running
from tests.world import World
from traceledger.identifiers import group_serial
from traceledger.identifiers.element_string import format_element_string
from traceledger.identifiers.items import parse_item
from traceledger_api.limits import Limits
from traceledger_api.pages.buyer.answer import BuyerPages
from traceledger_api.pages.words import LANGUAGES, load_words

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GTIN = "09521234543213"
SAY = load_words("en")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def unit(world: World) -> str:
    return world.unit("EXPORTED")


@pytest.fixture(scope="module")
def site(world: World, unit: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert unit
    folder = tmp_path_factory.mktemp("entry") / "ledger"
    with running(folder, world, pages=BuyerPages(URL, "q@maker.example")) as site:
        yield site


def visit(site: Site, path: str, language: str = "en", **headers: str) -> httpx.Response:
    return site.get(path, headers={"Accept": BROWSER, "Accept-Language": language, **headers})


def enter(site: Site, number: str) -> httpx.Response:
    return site.get("/", params={"number": number}, headers={"Accept": BROWSER})


def text_of(answer: httpx.Response) -> str:
    # Of the spaces, only those that the page's source is laid out with; French has narrow ones.
    return re.sub(r"[ \t\r\n]+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_entry_page_has_one_field_in_every_language(site: Site, language: str) -> None:
    answer = visit(site, "/", language)
    say = load_words(language)
    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.text
    assert say("find.what") in text_of(answer)
    assert answer.text.count('<input id="number"') == 1


def test_programs_get_at_the_root_what_they_got(site: Site) -> None:
    for accept in ("*/*", "application/json", ""):
        answer = site.get("/", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (404, "request.address")


def test_number_in_any_form_leads_to_the_part(site: Site, unit: str) -> None:
    serial = unit.rpartition("/")[2]
    elements = format_element_string(parse_item(unit))
    for number in (
        serial,
        group_serial(serial).lower(),
        f"“{serial}”。",
        unit,
        f"{URL}/{unit}）.",
        elements,
        elements.replace("(", "（").replace(")", "） "),
        elements.replace("(", "").replace(")", ""),
    ):
        answer = enter(site, number)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{unit}"), number


def test_chosen_language_is_kept_on_the_way(site: Site, unit: str) -> None:
    answer = visit(site, f"/?number={unit}&lang=zh-CN")
    assert answer.headers["location"] == f"/{unit}?lang=zh-CN"
    answer = visit(site, f"/?number={unit}&lang=%0d%0aSet-Cookie:x")
    assert answer.headers["location"] == f"/{unit}"


@pytest.mark.parametrize(
    ("number", "status", "kind"),
    [
        (f"(01){GTIN[:-1]}4(21)7KQ2", 400, "check-digit"),
        (f"(01){GTIN}", 400, "incomplete"),
        ("hello, world", 400, "form"),
        ("7KQ2 X4PM 9ATR WD", 404, "unknown"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mistake_is_explained_and_never_called_fraud(
    site: Site, number: str, status: int, kind: str, language: str
) -> None:
    answer = site.get("/", params={"number": number, "lang": language}, headers={"Accept": BROWSER})
    say = load_words(language)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    text = text_of(answer)
    assert say(f"find.{kind}.title") in text
    assert number in text
    assert 'data-tone="stop"' not in answer.text
    fraud = r"fake|forg|fraud|伪|假|\bfals[oa]|fausse|contref|fälsch|مزور|поддел"
    assert not re.search(fraud, text, re.IGNORECASE)


def test_right_check_digit_is_offered_as_a_link(site: Site) -> None:
    answer = enter(site, f"(01){GTIN[:-1]}4(21)7KQ2")
    assert f'href="/01/{GTIN}/21/7KQ2">(01){GTIN}(21)7KQ2</a>' in answer.text


def test_no_other_part_is_ever_listed(site: Site, unit: str) -> None:
    """A page that offers serials like the one that was typed would be a search over all parts."""
    serial = unit.rpartition("/")[2]
    other = "2" if serial[-1] != "2" else "3"
    for number in (serial[:-1] + other, serial[:-1], serial[1:], f"01/{GTIN}/21/{serial[:-1]}"):
        assert serial not in enter(site, number).text


def test_characters_that_serials_never_contain_are_pointed_out(site: Site) -> None:
    assert SAY("find.doubtful") in text_of(enter(site, "7KQ2 X4PM 9ATR 0I"))
    assert SAY("find.doubtful") not in text_of(enter(site, "7KQ2 X4PM 9ATR WD"))


def test_address_of_another_site_is_named(site: Site) -> None:
    answer = enter(site, f"https://other.example/01/{GTIN}/21/NOSUCH")
    assert answer.headers["location"] == f"/01/{GTIN}/21/NOSUCH"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (f"/01/{GTIN[:-1]}4/21/7KQ2", 400, "check-digit"),
        (f"/01/{GTIN}/21/NOSUCH", 404, "unknown"),
        (f"/01/{GTIN}/21/7KQ2%E3%80%82", 400, "form"),
        (f"/01/{GTIN}/21/7KQ2%EF%BC%89", 400, "form"),
        (f"/01/{GTIN}/21/%00", 400, "incomplete"),
        ("/8004/9521234C000001", 401, "used"),
        ("/x/core/C1", 401, "used"),
        ("/no/such/page", 404, "address"),
        ("/api/v1/nothing", 404, "address"),
        ("/api/v1/parties", 401, "private"),
        ("/api/v1/items?limit=x", 400, "request"),
        ("/problems/no.such", 404, "address"),
    ],
)
def test_browser_gets_a_page_and_a_program_the_problem(
    site: Site, path: str, status: int, kind: str
) -> None:
    """A person who mistyped a number once saw JSON."""
    shown = visit(site, path, "de")
    assert (shown.status_code, shown.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert load_words("de")(f"find.{kind}.title") in text_of(shown)
    problem = site.get(path)
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    for name in ("www-authenticate", "allow", "retry-after"):
        assert shown.headers.get(name) == problem.headers.get(name)
    assert shown.headers["cache-control"] == "no-store"


def test_punctuation_after_an_address_is_removed_from_what_is_offered(
    site: Site, unit: str
) -> None:
    for after in ("%E3%80%82", "%EF%BC%89", ".", "%2C", "%20"):
        answer = visit(site, f"/{unit}{after}")
        assert answer.status_code in {400, 404}
        assert f'href="/{unit}"' in answer.text, after
    assert f'href="/{unit}"' in visit(site, f"/{unit}".lower()).text


def test_typed_text_runs_nothing(site: Site) -> None:
    answer = enter(site, "<script>alert(1)</script>\"'><img onerror=x>\u202e")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "\u202e" not in answer.text


def test_endless_text_is_answered(site: Site) -> None:
    assert enter(site, "A" * 4096).status_code == 400
    assert enter(site, "A" * 5000).status_code == 400
    assert len(enter(site, "字" * 4096).text) < 20_000


def test_camera_is_allowed_to_this_site_only(site: Site, unit: str) -> None:
    """It reads the code of a label, and the fingerprint of a list of keys."""
    for path in ("/", "/?number=x", f"/{unit}", f"/01/{GTIN}/21/NOSUCH"):
        assert "camera=(self)" in visit(site, path).headers["permissions-policy"]


def test_form_is_sent_to_this_site_only_and_nothing_inline_runs(site: Site) -> None:
    policy = visit(site, "/").headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_head_has_the_headers_and_no_body(site: Site) -> None:
    answer = site.client.request("HEAD", "/", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/html")


def test_entry_page_counts_no_visit(site: Site, unit: str) -> None:
    assert enter(site, unit).status_code == 303
    assert site.context.scans.read(unit).total == 0


@pytest.mark.parametrize("accept", [BROWSER, "*/*"])
def test_client_that_asks_too_often_gets_what_it_reads(
    world: World, tmp_path_factory: pytest.TempPathFactory, accept: str
) -> None:
    folder = tmp_path_factory.mktemp("often") / "ledger"
    limits = Limits(rate=0.001, burst=1)
    with running(folder, world, pages=BuyerPages(URL), limits=limits) as site:
        headers = {"Accept": accept, "Accept-Language": "fr"}
        site.get("/", headers=headers)
        answer = site.get("/", headers=headers)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 1
        if accept == BROWSER:
            assert load_words("fr")("find.many.title") in text_of(answer)
        else:
            assert json.loads(answer.text)["code"] == "request.rate"
