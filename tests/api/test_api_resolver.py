"""The GS1 resolver: each statement of the conformance list has a test, or the guide excludes it.

`CLAIMED` assigns every line of tests/data/gs1/resolver-conformance-statements.txt to the test that
shows it, or to None where docs/guide/api.md explains why it is not claimed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import Response
from jsonschema import Draft7Validator
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.responses import Response as Answer

from tests.api.site import URL, Site, problem_of, running
from tests.world import World
from traceledger.errors import MalformedError
from traceledger.formats.passport import parse_passport
from traceledger.views.answers import Item
from traceledger_api.forwarding import parse_forwarding
from traceledger_api.notices import Notice
from traceledger_api.pages.buyer.answer import BuyerPages
from traceledger_api.replies import LINKSET, PASSPORT
from traceledger_api.resolver import read_address
from traceledger_api.routes.links import PartView

GS1 = Path(__file__).parents[1] / "data" / "gs1"
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "api.md"
GTIN = "09521234543213"
VOC = "https://ref.gs1.org/voc/"


@pytest.fixture(scope="module")
def unit(busy_site: Site) -> str:
    return next(e.payload.sub for e in busy_site.world.events if e.kind_name == "export")


def linkset_of(site: Site, unit: str) -> dict[str, Any]:
    found: dict[str, Any] = site.json(f"/{unit}?linkType=linkset")
    return found


def links_of(site: Site, unit: str) -> dict[str, list[dict[str, Any]]]:
    (links,) = linkset_of(site, unit)["linkset"]
    return {name: value for name, value in links.items() if name.startswith(VOC)}


def test_get_head_and_options(busy_site: Site, unit: str) -> None:
    got = busy_site.get(f"/{unit}")
    head = busy_site.client.request("HEAD", f"/{unit}")
    assert (got.status_code, head.status_code) == (200, 200)
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    options = busy_site.client.request("OPTIONS", f"/{unit}")
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))


def test_cross_origin_requests_are_allowed(busy_site: Site, unit: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = busy_site.client.request(
            method,
            f"/{unit}",
            headers={"Origin": "https://x.example", "Access-Control-Request-Method": "GET"},
        )
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Link" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "path",
    [
        "/01/09521234543214",  # check digit
        "/01/9521234543213",
        f"/01/{GTIN}/21",
        f"/01/{GTIN}/21/",
        f"/01/{GTIN}/21/A/10/B",
        f"/01/{GTIN}/21/A/235/B",
        f"/01/{GTIN}/99/A",
        f"/01/{GTIN}/21/A%00",
        f"/01/{GTIN}/21/%C3%A9",
        f"/01/{GTIN}/21/{'A' * 21}",
        f"/01/{GTIN}?10=A",
        f"/01/{GTIN}/21/A?17=",
        "/8004/" + "A" * 31,
        "/8004",
    ],
)
def test_wrong_syntax_is_400_and_never_200(busy_site: Site, path: str) -> None:
    status, code = problem_of(busy_site.get(path))
    if path == "/8004":
        assert (status, code) == (404, "request.address")
    else:
        assert status == 400
        assert code in {"link.syntax", "item.check-digit"}


def test_linkset_by_parameter_and_by_accept(busy_site: Site, unit: str) -> None:
    by_parameter = busy_site.get(f"/{unit}?linkType=linkset")
    by_accept = busy_site.get(f"/{unit}", headers={"Accept": LINKSET})
    for answer in (by_parameter, by_accept):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == LINKSET
    assert by_parameter.json() == by_accept.json()


def test_linkset_is_valid_by_the_schema_of_gs1(busy_site: Site, unit: str) -> None:
    schema = json.loads((GS1 / "gs1-linkset-schema.json").read_text())
    Draft7Validator(schema).validate(linkset_of(busy_site, unit))


def test_anchor_is_the_uncompressed_address(busy_site: Site, unit: str) -> None:
    assert linkset_of(busy_site, unit)["linkset"][0]["anchor"] == f"{URL}/{unit}"


def test_links_have_target_type_title_and_language(busy_site: Site, unit: str) -> None:
    for name, links in links_of(busy_site, unit).items():
        for link in links:
            assert link["href"].startswith(URL)
            assert link["title"]
            assert name == f"{VOC}defaultLink" or link["hreflang"]


def test_media_types_are_registered_or_vendor_types(busy_site: Site, unit: str) -> None:
    types = {
        link["type"]
        for links in links_of(busy_site, unit).values()
        for link in links
        if "type" in link
    }
    assert types == {"text/html", "application/json", PASSPORT}


def test_only_one_default_link_exists_without_attributes(busy_site: Site, unit: str) -> None:
    links = links_of(busy_site, unit)
    (default,) = links[f"{VOC}defaultLink"]
    assert default.keys() == {"href", "title"}
    others = [one["href"] for name, row in links.items() if "default" not in name for one in row]
    assert default["href"] in others


def test_linkset_names_a_context_that_is_json_ld(busy_site: Site, unit: str) -> None:
    link = busy_site.get(f"/{unit}?linkType=linkset").headers["link"]
    place, relation, media = link.split("; ")
    assert relation == 'rel="http://www.w3.org/ns/json-ld#context"'
    assert media == 'type="application/ld+json"'
    context = busy_site.get(urlsplit(place.strip("<>")).path)
    assert context.headers["content-type"] == "application/ld+json"
    assert "@context" in context.json()


def test_default_link_is_the_address_itself_which_answers_200(busy_site: Site, unit: str) -> None:
    (default,) = links_of(busy_site, unit)[f"{VOC}defaultLink"]
    assert default["href"] == f"{URL}/{unit}"
    assert busy_site.get(f"/{unit}").status_code == 200


@pytest.mark.parametrize("prefix", ["gs1:", VOC, "https://gs1.org/voc/"])
def test_requested_link_type_is_redirected_to(busy_site: Site, unit: str, prefix: str) -> None:
    for name, (link, *_) in links_of(busy_site, unit).items():
        answer = busy_site.get(f"/{unit}?linkType={prefix}{name.removeprefix(VOC)}")
        assert answer.status_code == 307
        assert URL + answer.headers["location"] == link["href"]
        assert busy_site.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("wanted", ["gs1:epil", "gs1:", "nonsense", "https://x.example/voc/dpp"])
def test_unknown_link_type_is_404(busy_site: Site, unit: str, wanted: str) -> None:
    assert problem_of(busy_site.get(f"/{unit}?linkType={wanted}")) == (404, "link.type")


def test_query_is_passed_on(busy_site: Site, unit: str) -> None:
    answer = busy_site.get(f"/{unit}?a=1&linkType=gs1:dpp&17=260101&b=x%26y&a=2")
    assert answer.headers["location"].endswith("?a=1&17=260101&b=x%26y&a=2")


def test_description_file_names_root_keys_and_context(busy_site: Site) -> None:
    described = busy_site.json("/.well-known/gs1resolver")
    assert described["resolverRoot"] == URL
    assert described["supportedPrimaryKeys"] == ["01", "8004"]
    assert busy_site.get(urlsplit(described["jsonldContext"]).path).status_code == 200


def test_slash_at_the_end_is_tolerated(busy_site: Site, unit: str) -> None:
    assert busy_site.get(f"/{unit}/").json() == busy_site.get(f"/{unit}").json()


def test_linkset_is_named_in_the_link_header_even_when_redirecting(
    busy_site: Site, unit: str
) -> None:
    for path in (f"/{unit}", f"/{unit}?linkType=gs1:dpp"):
        header = busy_site.get(path).headers["link"]
        assert header == f'<{URL}/{unit}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'


def test_link_types_are_of_the_web_vocabulary_alone(busy_site: Site, unit: str) -> None:
    names = {name.removeprefix(VOC) for name in links_of(busy_site, unit)}
    assert names == {
        *("defaultLink", "pip", "dpp", "traceability", "recallStatus", "verificationService")
    }


def test_unknown_serial_is_404_at_every_level(busy_site: Site) -> None:
    for path in (
        f"/01/{GTIN}/21/NOSUCH",
        f"/01/{GTIN}",
        f"/01/{GTIN}/10/L/21/A",
        f"/01/{GTIN}/21/a",
    ):
        assert problem_of(busy_site.get(path)) == (404, "item.unknown")


def test_core_at_its_address_needs_a_token(busy_site: Site) -> None:
    core = next(e.payload.sub for e in busy_site.world.events if e.kind_name == "import")
    assert problem_of(busy_site.get(f"/{core}")) == (401, "access.needed")
    assert busy_site.json(f"/{core}", "operator")["chain"] == "core"
    assert problem_of(busy_site.get("/8004/NOSUCH")) == (401, "access.needed")


def test_passport_by_accept_is_of_this_unit(busy_site: Site, unit: str) -> None:
    answer = busy_site.get(f"/{unit}", headers={"Accept": PASSPORT})
    assert parse_passport(answer.content).item == unit


@pytest.fixture(scope="module")
def forwarding_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    forwarding = parse_forwarding(
        b"""
        [[ledger]]
        items = ["01/0952999", "8004/9529990", "01/09521234543213/21/B-"]
        url = "https://ledger-2.example/stem/"
        [[ledger]]
        items = ["01/095299912"]
        url = "https://ledger-3.example"
        """
    )
    with running(tmp_path_factory.mktemp("forwarding"), World(), forwarding=forwarding) as site:
        yield site


FAR = "https://ledger-2.example/stem"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/01/09529990000001/21/A1", f"{FAR}/01/09529990000001/21/A1"),
        ("/01/09529990000001", f"{FAR}/01/09529990000001"),
        (
            "/01/09529990000001/10/B%2F%2fevil.example/21/A",
            f"{FAR}/01/09529990000001/10/B%2F%2Fevil.example/21/A",
        ),
        ("/01/09529990000001/21/A1/", f"{FAR}/01/09529990000001/21/A1"),
        ("/8004/9529990C1", f"{FAR}/8004/9529990C1"),
        ("/8004/9529990C1?linkType=linkset&a=%2F", f"{FAR}/8004/9529990C1?linkType=linkset&a=%2F"),
        ("/01/09529991200004/21/A", "https://ledger-3.example/01/09529991200004/21/A"),
        (f"/01/{GTIN}/21/B-1", f"{FAR}/01/{GTIN}/21/B-1"),
    ],
)
def test_link_to_a_part_of_another_ledger_leads_there(
    forwarding_site: Site, path: str, place: str
) -> None:
    """A buyer scans any label of a country; the longest prefix decides whose it is."""
    answer = forwarding_site.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, place)
    handled = place.partition("?")[0]
    assert answer.headers["link"] == f'<{handled}>; rel="{VOC}handledBy"'


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/01/{GTIN}/21/UNKNOWN", 404),
        ("/01/09529990000002/21/A1", 400),  # check digit
        ("/01/09529990000001/21/", 400),
        ("/01/09529990000001/21/A/10/B", 400),
        ("/01/09528880000008/21/A1", 404),
    ],
)
def test_nothing_else_is_forwarded(forwarding_site: Site, path: str, status: int) -> None:
    """An open redirect would lend the plant's name to the pages of others."""
    answer = forwarding_site.get(path)
    assert (answer.status_code, "location" in answer.headers) == (status, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ledger = 1",
        '[[ledger]]\nitems = []\nurl = "https://a.example"',
        '[[ledger]]\nitems = ["01/0952999"]',
        '[[ledger]]\nitems = ["01/0952999"]\nurl = "http://a.example"',
        '[[ledger]]\nitems = ["01/0952999"]\nurl = "https://a.example/?to="',
        '[[ledger]]\nitems = ["01/0952999"]\nurl = "//a.example"',
        '[[ledger]]\nitems = ["x/unit/"]\nurl = "https://a.example"',
        '[[ledger]]\nitems = ["01/09x"]\nurl = "https://a.example"',
        '[[ledger]]\nitems = ["01/0952999", "01/0952999"]\nurl = "https://a.example"',
        '[[ledger]]\nitems = ["01/0952999"]\nurl = "https://a.example"\nmore = 1',
    ],
)
def test_rejects_a_file_of_other_ledgers_that_is_unclear(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_forwarding(text.encode())
    assert caught.value.code == "resolver.form"


def test_wrong_address_of_another_ledger_is_named_with_what_is_allowed() -> None:
    """A pattern for machines does not tell an operator what is wrong with an address."""
    text = b'[[ledger]]\nitems = ["01/0952999"]\nurl = "http://a.example"\n'
    with pytest.raises(MalformedError) as caught:
        parse_forwarding(text)
    assert caught.value.where == "ledger[0].url"
    assert '"http://a.example" given; allowed: ' in caught.value.message
    assert "regex" not in caught.value.message


# The statements, by their first words, that each test shows; None: see the guide.
CLAIMED: dict[Callable[..., None] | None, tuple[str, ...]] = {
    test_wrong_syntax_is_400_and_never_200: (
        "For primary keys that have key qualifiers",
        "SHALL extract and syntactically validate",
        "SHALL NOT use a 200 OK",
    ),
    test_get_head_and_options: ("SHALL support HTTP 1.1",),
    None: (
        "SHALL support HTTP Over TLS",
        "- A resolver SHALL be able to decompress",
        "- A resolver SHOULD NOT redirect to the equivalent uncompressed",
        "- It SHALL expose the uncompressed URI",
        "- If redirecting to an alternative resolver",
        "For any request URI, no matter how granular",
        "SHOULD support use of the Accept-Language",
    ),
    test_link_to_a_part_of_another_ledger_leads_there: (
        "If supporting redirection based on an MO",
    ),
    test_cross_origin_requests_are_allowed: ("SHALL support CORS",),
    test_linkset_by_parameter_and_by_accept: ("- SHALL respond to a query parameter of linkType",),
    test_unknown_serial_is_404_at_every_level: (
        "- If the request GS1 Digital Link URI includes one or more",
    ),
    test_anchor_is_the_uncompressed_address: ("- The URI used as the subject",),
    test_links_have_target_type_title_and_language: (
        "- All links in the linkset SHALL include",
        "All links exposed SHALL include",
    ),
    test_media_types_are_registered_or_vendor_types: ("- If a media type is defined",),
    test_only_one_default_link_exists_without_attributes: (
        "- Links that are typed gs1:defaultLink",
        "- The resolver SHALL recognise one available link",
        "SHALL recognise one available link",
    ),
    test_linkset_names_a_context_that_is_json_ld: (
        "- the resolver SHOULD include an HTTP Link header",
    ),
    test_default_link_is_the_address_itself_which_answers_200: (
        "The resolver SHALL redirect to the default link",
        "SHALL redirect to the default link",
    ),
    test_requested_link_type_is_redirected_to: (
        "SHALL redirect to the requested type",
        "SHALL redirect to the requested linkType",
    ),
    test_unknown_link_type_is_404: ("SHALL return a 404",),
    test_query_is_passed_on: ("By default, SHALL pass on all key=value pairs",),
    test_description_file_names_root_keys_and_context: (
        "- The resolver SHALL provide a resolver description file",
        "- The list of supported primary identifiers",
        "- A context file that can be used",
        "SHALL provide a resolver description file",
    ),
    test_slash_at_the_end_is_tolerated: ("SHOULD tolerate trailing slashes",),
    test_linkset_is_named_in_the_link_header_even_when_redirecting: (
        "SHOULD expose link to the linkset",
    ),
    test_link_types_are_of_the_web_vocabulary_alone: (
        "If supporting multiple links per identified item",
    ),
}
_HEADINGS = {"Compression:", "Linksets:", "Resolver Description File:"}


def statements() -> list[str]:
    lines = (GS1 / "resolver-conformance-statements.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and line.strip() not in _HEADINGS]


def test_every_statement_is_shown_by_a_test_or_not_claimed_in_the_guide() -> None:
    guide = " ".join(GUIDE.read_text().split())
    shown = [one for test, several in CLAIMED.items() if test is not None for one in several]
    not_claimed = CLAIMED[None]
    used = set()
    for statement in statements():
        beginnings = {one for one in (*shown, *not_claimed) if statement.startswith(one)}
        assert beginnings, statement
        used |= beginnings
        if not beginnings & set(shown):
            assert statement.removeprefix("- ")[:60] in guide, statement
    assert used == {*shown, *not_claimed}


@pytest.mark.parametrize("name", ["parse", "generate"])
def test_strict_vectors_of_gs1_are_judged_as_by_gs1(name: str) -> None:
    rows = json.loads((GS1 / "dl-uri-vectors.json").read_text())[name]
    tried = 0
    for row in rows:
        parts = urlsplit(row["uri"] or "")
        if row["options"] or not parts.path.startswith(("/01/", "/8004/")):
            continue
        if "%" in parts.netloc:
            continue  # the web server checks hosts
        tried += 1
        code = refusal(parts.path, parts.query)
        # The rows test structure: not every number in them has a valid check digit.
        assert (code in {"", "item.check-digit"}) if row["valid"] else code, row
    assert tried


def refusal(path: str, query: str) -> str:
    """Returns the code with which an address is refused, or an empty string."""
    try:
        read_address(path.encode(), query.encode())
    except MalformedError as error:
        return error.code
    return ""


class PlainPages:
    """A minimal replacement for the pages."""

    def part(self, request: Request, view: PartView) -> Answer:
        del request
        return HTMLResponse(f"{view.item} {view.report['result']} {view.scans.total}")

    def status(self, request: Request, item: Item, parts: tuple[Item, ...]) -> Answer:
        del request
        return HTMLResponse(f"{item.item} {item.state} {len(parts)}")

    def find(self, request: Request, notice: Notice | None) -> Answer:
        del request
        assert notice is not None
        return HTMLResponse(f"{notice.kind} {notice.fit}", notice.status)


def page(site: Site, path: str, accept: str = "text/html,*/*;q=0.8") -> Response:
    return site.get(path, headers={"Accept": accept})


def test_pages_are_served_at_the_units_own_address(tmp_path: Path) -> None:
    world = World()
    unit = world.unit("EXPORTED")
    with running(tmp_path / "ledger", world, pages=PlainPages()) as site:
        answer = page(site, f"/{unit}")
        assert answer.text == f"{unit} incomplete 0"
        assert "linkset" in answer.headers["link"]
        assert page(site, f"/01/{GTIN}/21/NOSUCH").status_code == 404
        assert page(site, f"/01/{GTIN}/21/NOSUCH").text == "unknown "
        assert page(site, f"/{unit}", "application/json").json()["item"] == unit
        assert page(site, f"/01/{GTIN}/21/NOSUCH", "application/json").status_code == 404
        assert page(site, f"/01/{GTIN}/21/%00").status_code == 400
        assert problem_of(page(site, f"/01/{GTIN}/21/%00", "*/*")) == (400, "link.syntax")


def test_page_shows_state_and_recalls_without_a_passport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A buyer must learn of a recall even if the full record cannot be loaded."""
    world = World()
    core = world.core("IN_PROCESS")
    unit = world.unit("EXPORTED", (core,))
    monkeypatch.setattr("traceledger.formats.passport.MAX_PASSPORT", 2000)
    contact = "recall desk, +86 23 5550 0100"
    with running(tmp_path / "ledger", world, pages=BuyerPages(URL)) as site:
        assert page(site, f"/{unit}").status_code == 200
        assert "Released for sale" in page(site, f"/{unit}").text
        text = ""
        for item in (core, unit):
            world.add("recall", item, {"contact": contact}, by="approver")
            site.feed()
            text = page(site, f"/{unit}").text
            assert "DO NOT USE: recalled" in text
            assert contact in text
        assert "too large for this page" in text
        assert site.refusal(f"items/{unit}/passport") == (409, "passport.size")
