"""The console: who gets in, for how long, what a session may do, and what hostile text does."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from httpx import Response

from tests.api.site import NOW, URL, Site, problem_of, running
from tests.api.test_api_account import make_plant
from tests.audit.accounts import Plant
from tests.ledger.bench import back_door
from tests.samples import sign_statement
from tests.world import make_signer
from traceledger.errors import ConflictError, StorageError
from traceledger.events.encoding import decode_base64url
from traceledger.formats.access_token import sign_access
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.formats.proof import parse_proof
from traceledger.formats.sample import parse_sample
from traceledger.ledger.keeping.backup import back_up, restore
from traceledger.ledger.keeping.home import DATABASE
from traceledger.ledger.reading.accounts import Wanted
from traceledger.reports.samples import describe_bound
from traceledger.reports.words import words_of
from traceledger.verify import verify_passport
from traceledger_api import sample_book
from traceledger_api.sample_book import Draw, Sample, SampleBook
from traceledger_api.sessions import LINK_SECONDS, Sessions

LIST = Path(__file__).parents[1] / "data" / "lists" / "05-declaration-query.csv"
HOSTILE = '"><script>alert(1)</script>{{7*7}}=1+1'


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that tests only read."""
    with running(tmp_path_factory.mktemp("console") / "ledger", make_plant()) as site:
        yield site


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "ledger", make_plant()) as site:
        yield site


def make_link(site: Site, by: str) -> str:
    answer = site.client.request("POST", "/api/v1/login-links", headers=site.bearer(by))
    assert answer.status_code == 200, answer.text
    link = str(answer.json()["link"])
    assert link.startswith(f"{URL}/customs/login?code=")
    return link.removeprefix(f"{URL}/customs/login?code=")


def send(site: Site, fields: dict[str, str], **headers: str) -> Response:
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    kind = {"content-type": "application/x-www-form-urlencoded"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.client.request(
        "POST", "/customs/login", content=body.encode(), headers={**kind, **more}
    )


def sign_in(site: Site, by: str = "customs") -> str:
    """Signs in and returns the cookie, which the client itself forgets."""
    answer = send(site, {"code": make_link(site, by)})
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    site.client.cookies.clear()
    return str(cookie)


def open_page(site: Site, path: str, cookie: str = "") -> Response:
    """Opens a page as a browser with this cookie does, which follows redirects."""
    jar = site.client.cookies
    name, _, value = cookie.partition("=")
    if name:
        jar.set(name, value, domain="id.example", path="/customs")
    headers = {"accept": "text/html"}
    answer = site.client.request("GET", path, headers=headers, follow_redirects=True)
    jar.clear()
    return answer


def test_link_works_once_and_only_by_sending_its_form(own: Site) -> None:
    """Defends against mail scanners that open links, and against links that are used again."""
    code = make_link(own, "customs")
    for _ in range(2):
        page = own.client.request("GET", f"/customs/login?code={code}")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert code in page.text
    first, second = send(own, {"code": code}), send(own, {"code": code})
    assert (first.status_code, second.status_code) == (303, 403)
    assert "set-cookie" not in second.headers
    cookie = first.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/customs", "Max-Age=28800"):
        assert attribute in cookie
    assert cookie.startswith("__Secure-traceledger=")


def test_link_and_session_end_with_time(tmp_path: Path) -> None:
    """Defends against a link in an old mail, and against a browser that is left open."""
    now = [float(NOW)]
    with running(tmp_path / "ledger", make_plant(), clock=lambda: now[0]) as site:
        code = make_link(site, "customs")
        now[0] += 300
        assert send(site, {"code": code}).status_code == 403
        now[0] -= 300
        cookie = sign_in(site)
        assert open_page(site, "/customs", cookie).url.path == "/customs"
        now[0] += 8 * 3600
        assert open_page(site, "/customs", cookie).url.path == "/customs/login"


@pytest.mark.parametrize("by", ["carrier", "operator", "plant admin", "distributor"])
def test_keys_without_the_role_get_no_link(shared: Site, by: str) -> None:
    """Defends against buyers and stations that read the book."""
    answer = shared.client.request("POST", "/api/v1/login-links", headers=shared.bearer(by))
    assert problem_of(answer) == (403, "access.role")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/items",
        "/findings",
        "/log",
        "/samples",
        "/list",
        "/reports",
        "/reports/account.json",
        "/reports/report.html",
        "/evidence?figure=/open_cores",
        "/event/1",
    ],
)
def test_strangers_are_led_to_the_login_page(shared: Site, path: str) -> None:
    """Defends against a page that forgets to ask who reads it."""
    for cookie in ("", "__Secure-traceledger=x", "traceledger=x"):
        answer = open_page(shared, f"/customs{path}", cookie)
        assert answer.url.path == "/customs/login"
        assert "H80122500001" not in answer.text


def test_session_ends_with_its_key(own: Site) -> None:
    """Defends against a lost key whose session goes on."""
    cookie = sign_in(own)
    assert open_page(own, "/customs", cookie).url.path == "/customs"
    kid = make_signer("customs").key.kid
    own.world.add("revoke_key", f"key/{kid}", {"reason": "lost"}, by="root")
    own.feed()
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"


def test_session_ends_with_its_role_and_its_party(own: Site) -> None:
    """Defends against a session whose party lost the role that opened it."""
    cookie = sign_in(own)
    own.world.admit("customs", ("carrier",), seed="2")
    own.feed()
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"
    importer = sign_in(own, "importer")
    own.world.dismiss("plant")
    own.feed()
    assert open_page(own, "/customs", importer).url.path == "/customs/login"


def test_cookie_authorises_neither_events_nor_the_api(own: Site) -> None:
    """Defends against a browser that writes, or reads the API, by its session."""
    cookie = sign_in(own)
    headers = {"cookie": cookie}
    for path in ("account", "items", "checkpoints"):
        with_cookie = own.get(path, headers=headers)
        assert with_cookie.status_code == own.get(path).status_code
    assert own.refusal("account", headers=headers) == (401, "access.needed")
    answer = own.client.request("POST", "/customs", headers=headers)
    assert answer.status_code == 405


def test_cookies_of_other_programs_hide_no_session(shared: Site) -> None:
    """Programs on one host share their cookies: an odd value led back to the login page."""
    cookie = sign_in(shared)
    for others in (
        'prefs={"a":"b"}; %s',
        "%s; bad[name]=1",
        ';=; a=b=c; %s ; "',
        "traceledger; %s",
    ):
        assert open_page(shared, "/customs", others % cookie).url.path == "/customs"


def test_signing_out_ends_the_session(own: Site) -> None:
    """Defends against a cookie that was copied before its owner signed out."""
    cookie = sign_in(own)
    answer = own.client.request("POST", "/customs/logout", headers={"cookie": cookie})
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://["},
    ],
)
def test_forms_of_other_sites_are_refused(shared: Site, headers: dict[str, str]) -> None:
    """Defends against another site that signs its reader in as somebody else."""
    answer = send(shared, {"code": make_link(shared, "customs")}, **headers)
    assert problem_of(answer) == (403, "login.site")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil", "/x\n", "/\N{EURO SIGN}"]
)
def test_login_leads_nowhere_else(shared: Site, place: str) -> None:
    """Defends against a link to this server that ends on another."""
    answer = send(shared, {"code": make_link(shared, "customs"), "next": place})
    assert answer.headers["location"] == "/customs"


def challenge_token(site: Site, by: str, nonce: bytes) -> str:
    actor = site.world.actors[by]
    return sign_access(
        actor.signer,
        origin=site.context.service.origin,
        issuer=actor.iss,
        authority=actor.auth,
        now=NOW,
        nonce=nonce,
    ).decode()


def test_challenge_signs_in_once(own: Site) -> None:
    """Defends against a recorded signature, and against one that no server asked for."""
    jti = own.client.request("GET", "/customs/challenge").json()["jti"]
    token = challenge_token(own, "customs", decode_base64url(jti.encode()))
    assert send(own, {"token": token}).status_code == 303
    assert problem_of(send(own, {"token": token})) == (401, "access.refused")
    other = challenge_token(own, "customs", b"0123456789abcdef")
    assert problem_of(send(own, {"token": other})) == (401, "access.refused")


def test_strangers_cannot_use_up_the_challenges(own: Site) -> None:
    """Anyone may ask for a challenge: asking often kept everyone else from signing in."""
    asked = {own.context.sessions.make_challenge() for _ in range(5_000)}
    assert len(asked) == 5_000
    jti = own.client.request("GET", "/customs/challenge").json()["jti"]
    token = challenge_token(own, "customs", decode_base64url(jti.encode()))
    assert send(own, {"token": token}).status_code == 303


def test_challenge_of_another_server_or_time_is_refused() -> None:
    """A challenge is not kept: it must prove who made it, and when."""
    times = [1_000.0]
    sessions = Sessions(lambda: times[0])
    challenge = sessions.make_challenge()
    assert not Sessions(lambda: times[0]).use_challenge(challenge)
    for at in range(len(challenge)):
        other = challenge[:at] + ("A" if challenge[at] != "A" else "B") + challenge[at + 1 :]
        assert not sessions.use_challenge(other)
    late = sessions.make_challenge()
    assert [sessions.use_challenge(challenge) for _ in range(2)] == [True, False]
    times[0] += LINK_SECONDS
    assert not sessions.use_challenge(late)


def test_text_that_is_no_token_is_refused(shared: Site) -> None:
    for text in ("\N{EURO SIGN}", "\xe9", "a.b.c", ""):
        answer = send(shared, {"token": text, "code": "x"})
        assert answer.status_code in {401, 403}


def test_every_page_is_complete_in_both_languages(shared: Site) -> None:
    """Defends against a page that fails for an empty table, and a text that is not translated."""
    cookie = sign_in(shared)
    core = shared.json("account/items", "customs")["items"][0]
    line = core["line"]
    pages = [
        *("", "/items", "/findings", "/log", "/samples", "/reports"),
        *("/list",),
        *(f"/item/{core['item']}", f"/item/{core['became']}", f"/line/{line}", "/event/1"),
        *("/figure/open_cores", "/figure/books/1/cores/0/imported", "/table/books/1/cores"),
        *("/find?q=9521234", "/find?q=nothing-like-it", f"/find?q={quote(core['item'])}"),
    ]
    for page in pages:
        for language in ("en", "zh-CN"):
            glue = "&" if "?" in page else "?"
            answer = open_page(shared, f"/customs{page}{glue}lang={language}", cookie)
            assert answer.status_code == 200, (page, answer.text[:2000])
            assert f'<html lang="{language}">' in answer.text
            assert "to=" in str(answer.url), page
            assert answer.headers["cache-control"] == "private, no-store"
            policy = answer.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert not re.search(r"<script(?! type=\"module\" src)|style=|onclick", answer.text)


def test_figures_of_the_overview_lead_to_pages(shared: Site) -> None:
    """Defends against a figure whose evidence is a dead link."""
    cookie = sign_in(shared)
    text = open_page(shared, "/customs", cookie).text
    links = set(
        re.findall(r'href="(/customs/(?:figure|items|book|line|findings|table)[^"#]*)"', text)
    )
    assert len(links) > 20
    for link in sorted(links):
        answer = open_page(shared, link.replace("&amp;", "&"), cookie)
        assert answer.status_code == 200, (link, answer.text[:1500])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/event/99999", 404),
        ("/event/x", 404),
        ("/event/-1", 404),
        ("/item/8004/9521234C999999", 404),
        ("/line/none/1", 404),
        ("/figure/books/99", 404),
        ("/findings/QTY-01/nobody", 404),
        ("/reports/x.csv", 404),
        ("/reports/report.pdf", 404),
        ("/evidence?figure=/nothing", 404),
        (f"/evidence?figure=/books/{'9' * 5_000}", 404),
        ("/proof/999999999", 404),
        ("/evidence?code=QTY-01&subject=nobody", 404),
        ("?to=3", 404),
        ("?to=x", 400),
        ("?as_of=yesterday", 400),
        ("?book=book/NONE", 404),
    ],
)
def test_wrong_addresses_are_explained(shared: Site, path: str, status: int) -> None:
    """Defends against a blank page, and against the page of a buyer in the console."""
    answer = open_page(shared, f"/customs{path}", sign_in(shared))
    assert answer.status_code == status
    assert 'href="/static/' in answer.text
    assert "customs.css" in answer.text


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Defends against a declaration that runs a script in the office, or a formula in its table."""
    plant = Plant()
    line = plant.declare_in(1, "1.000", goods_name=HOSTILE)
    plant.import_core(line, part_no="=HYPERLINK(1)")
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)
        event = site.json("account/figure?path=/open_cores", "customs")["parts"][0]["entries"][0]
        for page in (
            *("", "/items", f"/line/{line}", f"/event/{event['index']}"),
            f"/find?q={quote(HOSTILE)}",
            f"/line/{quote(HOSTILE, safe='')}/1",
            f"/customs/login?next={quote(HOSTILE)}",
        ):
            answer = open_page(site, f"/customs{page}", cookie)
            assert "<script>alert" not in answer.text
            assert "49=1" not in answer.text
        table = open_page(site, "/customs/reports/cores.csv", cookie).text
        assert "'=HYPERLINK(1)" in table


def test_importer_of_another_party_sees_words_instead_of_values(shared: Site) -> None:
    """Defends against a competitor that reads declared values in the console."""
    text = open_page(shared, "/customs", sign_in(shared, "other importer")).text
    assert ">unknown<" in text
    assert "withheld" in text


def test_downloads_are_the_account(shared: Site) -> None:
    """Defends against a download that differs from the page."""
    cookie = sign_in(shared)
    answer = open_page(shared, "/customs/reports/account.json", cookie)
    assert answer.content == shared.get("account", "customs").content
    digest = hashlib.sha256(answer.content).hexdigest()
    for language, words in (("en", "Computed by the ledger"), ("zh-CN", "未经核验")):
        page = open_page(shared, f"/customs/reports/report.html?lang={language}", cookie)
        assert page.headers["content-disposition"] == 'attachment; filename="report.html"'
        assert words in page.text
        assert "traceledger audit mirror --to" in page.text
        assert digest in page.text
        assert "every signature" not in page.text
        assert words_of("en" if language == "en" else "zh")("not.trust.first-use") in page.text
    with zipfile.ZipFile(io.BytesIO(_file(shared, "report.zip", cookie))) as tables:
        assert "B.csv" in tables.namelist()
        keys = tables.read("K.csv").decode("utf-8-sig")
    assert make_signer("customs").key.kid in keys
    book = openpyxl.load_workbook(io.BytesIO(_file(shared, "report.xlsx", cookie)))
    assert "Computed by the ledger" in str(book.worksheets[0]["B6"].value)
    for name in ("lines-in", "lines-out", "findings", "cores"):
        table = open_page(shared, f"/customs/reports/{name}.csv", cookie)
        assert table.text.startswith("\ufeff# ")
        assert table.headers["content-disposition"] == "attachment"


def _file(site: Site, name: str, cookie: str) -> bytes:
    answer = open_page(site, f"/customs/reports/{name}", cookie)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_scope_stays_in_every_address(shared: Site) -> None:
    """Defends against a link that shows the figures of another time or book."""
    book = shared.json("account", "customs")["books"][1]["book"]
    address = f"/customs?lang=en&book={book}&as_of=2027-01-01T00:00:00Z"
    page = open_page(shared, address, sign_in(shared))
    links = re.findall(r'href="(/customs[^"]*lang=en[^"]*)"', page.text)
    assert len(links) > 20
    for link in links:
        assert f"book={quote(book, safe='')}" in link, link
        assert "as_of=2027-01-01T00%3A00%3A00Z" in link, link
    assert "--as-of 2027-01-01T00:00:00Z" in page.text


def test_finding_shows_its_arithmetic(tmp_path: Path) -> None:
    """Defends against a finding that an officer can only believe."""
    plant = Plant()
    line = plant.declare_in(3, "3.000")
    core = plant.import_core(line, state="ACCEPTED")
    plant.add("close_line", line)
    plant.send_back(core, plant.declare_out(1, "1.000", book_line=12), "1.000")
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)
        same = site.json("account/findings?code=QTY-01", "customs")["findings"]
        (found,) = [finding for finding in same if finding["subject"] == line]
        shown = [(term["sign"], term["name"], term["value"]) for term in found["terms"]]
        assert shown == [("+", "declared", "3"), ("-", "imported", "1"), ("=", "difference", "2")]
        for path, words in (
            (f"/findings/QTY-01/{line}", ("how it was computed", "what it sums")),
            (f"/findings/LIN-09/{core}", ("book line of the import", ">11<", ">12<")),
        ):
            page = open_page(site, f"/customs{path}?lang=en", cookie).text
            for word in words:
                assert word in page.lower(), word
            section = page.partition("terms-title")[2].partition("evidence-title")[0]
            links = set(re.findall(r'href="(/customs/[^"]*)"', section))
            assert len(links) > 1
            for link in links:
                assert open_page(site, link.replace("&amp;", "&"), cookie).status_code == 200


def test_graph_shows_relatives_as_of_the_size(tmp_path: Path) -> None:
    """Defends against a lineage that hides where the rest of a core went, or tells the future."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    whole, donor = (plant.import_core(line, state="ACCEPTED") for _ in range(2))
    housing, board = plant.strip(donor, ("housing", "0.600"), ("board", "0.400"))
    with running(tmp_path / "ledger", plant) as site:
        before = site.json("account", "customs")["size"]
        unit = plant.build("1.600", whole, housing)
        out = plant.declare_out(1, "1.600")
        plant.export(unit, out)
        plant.scrap(board, "0.400")
        site.feed()
        cookie = sign_in(site)
        text = open_page(site, f"/customs/item/{unit}", cookie).text
        drawing = text.partition('class="drawing"')[2].partition("</svg>")[0]
        shown = re.findall(r'<a href="/customs/(?:item/)?([^"?]*)', drawing)
        assert {whole, donor, housing, board, unit, plant.waste} < set(shown)
        assert len(shown) == 8
        assert drawing.count("<path") == 8
        early = open_page(site, f"/customs/item/{housing}?to={before}", cookie).text
        assert unit not in early
        assert housing in early
        for index, status in ((before - 1, 200), (before, 404)):
            proven = open_page(site, f"/customs/proof/{index}?to={before}", cookie)
            assert proven.status_code == status


def give_list(
    site: Site, cookie: str, data: bytes, *, also: str = "", value: str = "1", **headers: str
) -> Response:
    """Sends the form of customs' own list; `also` is a further field with this value."""
    mark = b"--form"
    fields = {"codes": "customs", **({also: value} if also else {})}
    body = b"".join(
        mark + f'\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    )
    file = b'\r\nContent-Disposition: form-data; name="list"; filename="own.csv"\r\n\r\n'
    return site.client.request(
        "POST",
        f"/customs/list?to={site.context.service.published.size}&lang=en",
        content=body + mark + file + data + b"\r\n" + mark + b"--\r\n",
        headers={"content-type": "multipart/form-data; boundary=form", "cookie": cookie, **headers},
    )


def test_own_list_is_compared_and_forgotten(tmp_path: Path) -> None:
    """Defends against a comparison that differs from that of an audit, or a list that stays."""
    plant = Plant()
    entry = "801220261000000777"
    same: dict[str, Any] = {"entry_no": entry, "mode": "1371", "hs10": "9032899099", "unit": "007"}
    for line, pieces, kg, total in ((1, 34, "32.64", "2890.00"), (2, 23, "18.7", "2316.00")):
        amount = {"amount": total, "currency": "USD"}
        book_line = {"entry_line": line, "book_line": 10 + line, "origin": ("USA", "DEU")[line - 1]}
        plant.declare_in(pieces, kg, total=amount, **same, **book_line)
    data = LIST.read_bytes()
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)
        before = site.get("account", "customs").content
        page = give_list(site, cookie, data)
        assert page.status_code == 200, page.text
        assert "Differs: 1" in page.text
        assert "own.csv" in page.text
        assert "≠" in page.text or 'class="fig differs"' in page.text
        table = give_list(site, cookie, data, also="csv").text
        rows = {row["line"]: row for row in csv.DictReader(table.splitlines()[1:])}
        assert (rows["1"]["status"], rows["1"]["fields"]) == ("equal", "")
        assert (rows["2"]["status"], rows["2"]["fields"]) == ("differs", "quantity")
        assert (rows["2"]["customs_quantity"], rows["2"]["ledger_quantity"]) == ("24", "23")
        assert site.get("account", "customs").content == before
        wide = data + b"\r\n" * (3 << 19)  # beyond what other forms take
        digest = hashlib.sha256(wide).hexdigest()
        shown = give_list(site, cookie, wide, also="report", value="html").text
        assert f"own.csv (SHA-256 {digest})" in shown
        assert "--customs-list own.csv --codes customs --zone +08:00" in shown
        report = give_list(site, cookie, data, also="report", value="zip")
        assert report.headers["content-disposition"] == 'attachment; filename="report.zip"'
        with zipfile.ZipFile(io.BytesIO(report.content)) as files:
            assert "differs" in files.read("L3.csv").decode()
        assert give_list(site, cookie, data, also="report", value="exe").status_code == 404
        assert b"own.csv" not in open_page(site, "/customs", cookie).content


def test_own_list_is_refused_whole(shared: Site) -> None:
    """Defends against strangers, other sites, and damaged lists that are compared in part."""
    cookie, data = sign_in(shared), LIST.read_bytes()
    assert give_list(shared, "", data).headers["location"].startswith("/customs/login")
    foreign = give_list(shared, cookie, data, **{"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    for damaged in (b"", b"<!DOCTYPE a>", b"PK\x03\x04", data[:200], b"a,b\r\n1,2"):
        answer = give_list(shared, cookie, damaged)
        assert answer.status_code in {400, 422}, (damaged, answer.text)
        assert "manifest." in answer.text or "usage.option" in answer.text
    assert give_list(shared, cookie, b"x" * (8 << 20)).status_code == 413
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("xl/worksheets/sheet1.xml", bytes(65 << 20))
    answer = give_list(shared, cookie, bomb.getvalue())
    assert answer.status_code == 400
    assert "67,108,864" in answer.text


def test_evidence_is_verified_by_the_reader(tmp_path: Path) -> None:
    """Defends against evidence that only the server which made it can check."""
    plant = make_plant()
    with running(tmp_path / "ledger", plant) as site:
        cookie, trust = sign_in(site), site.context.policy
        data = open_page(site, "/customs/evidence?figure=/books/1/lines_in/0/imported", cookie)
        assert data.headers["content-disposition"] == 'attachment; filename="evidence.zip"'
        with zipfile.ZipFile(io.BytesIO(data.content)) as files:
            claim = json.loads(files.read("claim.json"))
            assert (claim["value"], len(claim["parts"])) == ("2", 2)
            account = site.get("account", "customs").content
            assert claim["account_sha256"] == hashlib.sha256(account).hexdigest()
            entries = [entry for part in claim["parts"] for entry in part["entries"]]
            items = list(dict.fromkeys(entry["item"] for entry in entries))
            for number, item in enumerate(items, 1):
                passport = files.read(f"passports/{number:04}.json")
                verdict = verify_passport(passport, trust, item, now=NOW, first_use=True)
                seen = {one.event.id for thing in verdict.things for one in thing.events}
                assert {entry["event"] for entry in entries if entry["item"] == item} <= seen
            for entry in entries:
                proof = parse_proof(files.read(f"proofs/{entry['index']}.tlog-proof"))
                assert proof.index == entry["index"]
            commands = files.read("README.txt").decode()
            assert f"--item {items[0]} --trust trust.json" in commands
        found = site.json("account/findings", "customs")["findings"][0]
        query = f"code={found['code']}&subject={quote(found['subject'], safe='')}"
        answer = open_page(site, f"/customs/evidence?{query}", cookie)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            assert json.loads(files.read("claim.json"))["finding"]["code"] == found["code"]


def draw(site: Site, cookie: str, **fields: str) -> Response:
    """Sends the form that draws a sample."""
    given = {"seed": "ab" * 32, "n": "2", "fate": ""} | fields
    body = "&".join(f"{name}={quote(value)}" for name, value in given.items())
    return site.client.request(
        "POST",
        f"/customs/samples?to={site.context.service.published.size}&lang=en",
        content=body.encode(),
        headers={"content-type": "application/x-www-form-urlencoded", "cookie": cookie},
    )


def test_sample_is_numbered_kept_and_reproducible(tmp_path: Path) -> None:
    """Defends against an office that draws until the sample pleases, or cannot draw it again."""
    plant = Plant()
    line = plant.declare_in(9, "9.000")
    cores = [plant.import_core(line, state="ACCEPTED") for _ in range(9)]
    plant.scrap(cores[0], "1.000")
    row = re.compile(r'<th scope="row"><a class="id" href="/customs/item/([^?]*)')
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)
        first = draw(site, cookie, n="4", fate="core_here")
        assert first.status_code == 303, first.text
        address = first.headers["location"]
        assert address.startswith("/customs/samples/1?to=")
        page = open_page(site, address, cookie).text
        seed = bytes.fromhex("ab" * 32)
        order = sorted(cores[1:], key=lambda core: hashlib.sha256(seed + core.encode()).digest())
        assert row.findall(page) == order[:4]
        plant.import_core(line, state="ACCEPTED")
        site.feed()
        again = open_page(site, "/customs/samples/1?lang=en", cookie)
        assert row.findall(again.text) == order[:4]
        assert str(again.url).endswith(address)
        assert draw(site, cookie).headers["location"].startswith("/customs/samples/2?")
        listed = open_page(site, "/customs/samples?lang=en", cookie).text
        assert listed.index("/customs/samples/2?") < listed.index("/customs/samples/1?")
        stranger = sign_in(site, "importer")
        assert open_page(site, "/customs/samples/1", stranger).status_code == 404
        assert "/customs/samples/1?" not in open_page(site, "/customs/samples", stranger).text


def test_wrong_samples_are_refused(shared: Site) -> None:
    """Defends against samples without a seed, and forms of other sites that number them."""
    cookie = sign_in(shared)
    wrong = [
        {"seed": ""},
        {"seed": "xyz"},
        {"n": "0"},
        {"n": "9999"},
        {"n": "x"},
        {"n": "²"},
        {"n": "0" * 9 + "999999"},
    ]
    for fields in (*wrong, {"fate": HOSTILE}):
        answer = draw(shared, cookie, **fields)
        assert answer.status_code == 400, fields
        assert "request.value" in answer.text
    assert draw(shared, "").headers["location"].startswith("/customs/login")
    body = f"seed={'ab' * 32}&n=2".encode()
    foreign = {"cookie": cookie, "origin": "https://evil.example"}
    answer = shared.client.request("POST", "/customs/samples", content=body, headers=foreign)
    assert answer.status_code == 403
    assert "/customs/samples/1?" not in open_page(shared, "/customs/samples", cookie).text


def send_form(site: Site, path: str, cookie: str, body: bytes, kind: str) -> Response:
    """Sends a form of a page about the newest size."""
    return site.client.request(
        "POST",
        f"/customs{path}&to={site.context.service.published.size}&lang=en",
        content=body,
        headers={"content-type": kind, "cookie": cookie},
    )


def send_note(site: Site, cookie: str, note: bytes, number: int = 1) -> Response:
    """Sends a signed statement as the form of a sample's page does."""
    head = b'--form\r\nContent-Disposition: form-data; name="note"; filename="a.note"\r\n\r\n'
    kind = "multipart/form-data; boundary=form"
    body = head + note + b"\r\n--form--\r\n"
    return send_form(site, f"/samples/results?number={number}", cookie, body, kind)


def test_results_are_stated_by_a_signature_and_shown_in_the_report(own: Site) -> None:
    """Defends against results that a session, the server or another party makes up."""
    cookie = sign_in(own)
    draw(own, cookie)
    draw(own, cookie, seed="cd" * 32)
    fields = f"result.1=differs&remark.1={quote(HOSTILE)}&result.2=found&remark.2=%20a%0A%20b"
    kind = "application/x-www-form-urlencoded"
    statement = send_form(own, "/samples/statement?number=1", cookie, fields.encode(), kind)
    assert statement.headers["content-disposition"] == 'attachment; filename="sample-1.txt"'
    sample = parse_sample(statement.content)
    assert [(row.result, row.remark) for row in sample.results] == [
        ("differs", HOSTILE),
        ("found", "a b"),
    ]
    wrong = send_form(own, "/samples/statement?number=1", cookie, b"result.1=perfect", kind)
    assert "sample.form" in wrong.text
    signers = {name: make_signer(name) for name in ("customs", "importer", "stranger")}
    notes = {name: sign_statement(sample, key, NOW) for name, key in signers.items()}
    early, late = (sign_statement(sample, signers["customs"], NOW + by) for by in (-301, 301))
    refused = (
        (early, 1, "sample.time"),
        (late, 1, "sample.time"),
        (notes["importer"], 1, "sample.signer"),
        (notes["stranger"], 1, "sample.signer"),
        (notes["customs"], 2, "sample.differs"),
        (notes["customs"].replace(b"differs", b"found"), 1, "note."),
        (statement.content, 1, "note.form"),
        (b"", 1, "note.form"),
    )
    for note, number, code in refused:
        answer = send_note(own, cookie, note, number)
        assert 400 <= answer.status_code < 500, answer.text
        assert code in answer.text, (code, answer.text)
        assert own.context.samples.results("party/customs", 1) == []
    assert send_note(own, "", notes["customs"]).headers["location"].startswith("/customs/login")
    send_note(own, cookie, notes["customs"])
    sent = send_note(own, cookie, notes["customs"])
    assert sent.status_code == 303, sent.text
    assert len(own.context.samples.results("party/customs", 1)) == 1
    page = open_page(own, sent.headers["location"] + "&lang=en", cookie).text
    assert '<option value="differs" selected>' in page
    assert "<script>alert" not in page
    assert html.escape(HOSTILE, quote=True).replace("&quot;", "&#34;") in page
    kept = re.search(r'href="(/customs/samples/1/1\.note[^"]*)"', page)
    assert kept is not None
    assert open_page(own, kept[1].replace("&amp;", "&"), cookie).content == notes["customs"]
    report = open_page(own, "/customs/reports/report.zip?lang=en", cookie)
    with zipfile.ZipFile(io.BytesIO(report.content)) as files:
        rows = list(csv.DictReader(io.StringIO(files.read("O.csv").decode("utf-8-sig"))))
    assert [(row["Sample"], row["Result"]) for row in rows] == [
        ("1", "differs"),
        ("1", "found"),
    ]
    assert rows[0]["Key"] == signers["customs"].key.kid
    front = open_page(own, "/customs/reports/report.html?lang=en", cookie).text
    assert "no. 1, 2 of 2 cores: 1 found, 1 differ, 0 not found" in front
    shown = describe_bound(sample, words_of("en"))
    assert "1 differ or were not found: with 95 % confidence, at most 1 of the 2" in shown
    workbook = open_page(own, "/customs/reports/report.xlsx?lang=en", cookie).content
    summary = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    cells = {cell for row in summary.iter_rows(values_only=True) for cell in row}
    for place in (page, front, cells):
        assert shown in place


def test_old_statement_cannot_be_sent_again_as_the_newest(own: Site) -> None:
    """Defends against a session without a key that undoes what the officer signed last."""
    cookie = sign_in(own)
    draw(own, cookie)
    kind = "application/x-www-form-urlencoded"
    key = make_signer("customs")

    def sign(result: str) -> bytes:
        form = f"result.1={result}".encode()
        statement = send_form(own, "/samples/statement?number=1", cookie, form, kind).content
        return sign_statement(parse_sample(statement), key, NOW)

    first = sign("found")
    assert send_note(own, cookie, first).status_code == 303
    second, dropped = sign("differs"), sign("not_found")
    for note in (second, first):
        assert send_note(own, cookie, note).status_code == 303
    kept = own.context.samples.results("party/customs", 1)
    assert [(each.revision, each.note) for each in kept] == [(2, second), (1, first)]
    answer = send_note(own, cookie, dropped)
    assert answer.status_code == 409
    assert "samples.revision" in answer.text


def test_revoked_key_states_nothing(own: Site) -> None:
    """Defends against results signed with a key that was lost."""
    cookie = sign_in(own)
    draw(own, cookie)
    sample = parse_sample(
        send_form(
            own,
            "/samples/statement?number=1",
            cookie,
            b"",
            "application/x-www-form-urlencoded",
        ).content
    )
    key = make_signer("desk 2")
    note = sign_statement(sample, key, NOW)
    own.world.add_key("desk 2", "customs", ["customs"])
    own.world.add("revoke_key", f"key/{key.key.kid}", {"reason": "lost"}, by="root")
    own.feed()
    assert "sample.signer" in send_note(own, cookie, note).text
    assert own.context.samples.results("party/customs", 1) == []


def test_report_and_page_name_the_entry_that_revoked_a_signer_since(own: Site) -> None:
    """Defends against results of a lost key that are shown like any others."""
    key = make_signer("desk 2")
    own.world.add_key("desk 2", "customs", ["customs"])
    own.feed()
    cookie, size = sign_in(own), own.context.service.published.size
    draw(own, cookie)
    kind = "application/x-www-form-urlencoded"
    statement = send_form(own, "/samples/statement?number=1", cookie, b"", kind).content
    note = sign_statement(parse_sample(statement), key, NOW)
    assert send_note(own, cookie, note).status_code == 303
    for revoked in ("", str(size)):
        report = open_page(own, f"/customs/reports/report.zip?lang=en&to={size}", cookie)
        with zipfile.ZipFile(io.BytesIO(report.content)) as files:
            rows = list(csv.DictReader(io.StringIO(files.read("O.csv").decode("utf-8-sig"))))
        assert {row["Revoked at entry"] for row in rows} == {revoked}
        assert len({row["Signed, as its signer states"] for row in rows} - {""}) == 1
        page = open_page(own, f"/customs/samples/1?lang=en&to={size}", cookie).text
        assert ("key revoked at entry" in page) == bool(revoked)
        if not revoked:
            own.world.add("revoke_key", f"key/{key.key.kid}", {"reason": "lost"}, by="root")
            own.feed()


def test_samples_survive_a_restart_and_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defends against a record that ends with the server, and a session that fills its disk."""
    path = tmp_path / "samples.db"
    wanted = Draw(Wanted(9, 1, "book/B", 7), "a" * 64, "open", 2, "b" * 64)
    with contextlib.closing(SampleBook(path, lambda: 5.0)) as book:
        assert book.record("party/a", "kid", wanted) == 1
    with contextlib.closing(SampleBook(path, lambda: 6.0)) as book:
        assert book.find("party/a", 1) == Sample(1, 5, "kid", wanted)
        assert book.record("party/b", "kid", wanted) == 1
        book.add_results("party/a", 1, 1, b"one")
        book.add_results("party/b", 1, 1, b"other")
        monkeypatch.setattr(sample_book, "MOST_RESULTS", 1)
        with pytest.raises(ConflictError) as caught:
            book.add_results("party/a", 1, 2, b"two")
        assert caught.value.code == "samples.full"
        assert book.results("party/a", 1) == [(1, 6, b"one")]
        assert book.record("party/a", "kid", wanted) == 2
        book.add_results("party/a", 2, 1, b"three")
        monkeypatch.setattr(sample_book, "SHOWN", 1)
        assert book.results_of_account("party/a", wanted.account) == [b"three", b"one"]
        monkeypatch.setattr(sample_book, "MOST", 1)
        with pytest.raises(ConflictError) as caught:
            book.record("party/a", "kid", wanted)
        assert caught.value.code == "samples.full"
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_back_up_of_a_running_server_has_its_samples(own: Site, tmp_path: Path) -> None:
    """Defends against a restored ledger whose officers lost what they drew and signed."""
    cookie = sign_in(own)
    draw(own, cookie)
    kind = "application/x-www-form-urlencoded"
    statement = send_form(own, "/samples/statement?number=1", cookie, b"", kind).content
    key = make_signer("customs")
    note = sign_statement(parse_sample(statement), key, NOW)
    assert send_note(own, cookie, note).status_code == 303
    back_up(own.home, tmp_path / "saved")
    draw(own, cookie)
    restored = restore(tmp_path / "saved", tmp_path / "again")
    assert restored.samples.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(SampleBook(restored.samples, lambda: 5.0)) as book:
        assert [sample.number for sample in book.newest("party/customs", 9)] == [1]
        assert [kept.note for kept in book.results("party/customs", 1)] == [note]


def test_tables_are_sorted_by_the_address(tmp_path: Path) -> None:
    """Defends against an order that only a script knows, or that hides what is unknown."""
    plant = Plant()
    line = plant.declare_in(3, "6.000")
    for kg in ("2.000", "1.000", "3.000"):
        plant.import_core(line, kg)
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)

        def weights(query: str) -> list[str]:
            page = open_page(site, f"/customs/line/{line}?lang=en&{query}", cookie).text
            assert "aria-sort=" in page or not query
            cores = page.partition('id="cores-title"')[2]
            return re.findall(
                r'<td class="n"><a[^>]*>([0-9]\.?[0-9]*)</a></td><td><span class="fate">', cores
            )

        assert weights("") == ["2", "1", "3"]
        assert weights("sort=net-kg") == ["1", "2", "3"]
        assert weights("sort=-net-kg") == ["3", "2", "1"]
        page = open_page(site, f"/customs/line/{line}?sort=-net-kg", cookie).text
        assert 'aria-sort="descending"' in page
        assert open_page(site, "/customs/findings?sort=-events", cookie).status_code == 200
        figure = "/customs/figure/books/1/lines_in/0/kg"
        page = open_page(site, f"{figure}?sort=-contribution", cookie).text
        assert re.findall(r'<td class="n"><span class="fig known">(\d)', page) == ["3", "2", "1"]
        empty = open_page(site, "/customs/figure/books/0/lines_in/0/kg", cookie).text
        assert "9,032,899,099" not in empty  # a code is no figure
        evidence = re.search(r'href="(/customs/evidence[^"]*)"', page)
        assert evidence is not None
        claim = open_page(site, evidence[1].replace("&amp;", "&"), cookie)
        with zipfile.ZipFile(io.BytesIO(claim.content)) as files:
            parts = json.loads(files.read("claim.json"))["parts"]
        assert [part["value"] for part in parts] == ["3", "2", "1"]
        assert open_page(site, f"/customs/items?sort={quote(HOSTILE)}", cookie).status_code == 200


def test_number_of_a_part_is_no_figure(tmp_path: Path) -> None:
    """Part numbers of all digits are common, and sum nothing."""
    plant = Plant()
    core = plant.import_core(plant.declare_in(1, "1.000"), state="DONOR")
    plant.strip(core, ("24261870", "0.500"))
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)
        page = open_page(site, "/customs/table/books/1/components", cookie).text
        assert "24261870" in page
        assert "/components/0/harvested" in page
        assert "/components/0/part" not in page
        for path in ("books/99/cores/0/close", "books/x/cores"):
            assert open_page(site, f"/customs/figure/{path}", cookie).status_code == 404


def test_tables_of_the_overview_are_sorted_each_by_itself(tmp_path: Path) -> None:
    """Defends against a line with open cores that stands below a hundred settled ones."""
    plant = Plant()
    for number, pieces in ((1, 3), (2, 1), (12, 2)):
        line = plant.declare_in(pieces, "9.000", book_line=number)
        for _ in range(pieces):
            plant.import_core(line)
        plant.declare_out(pieces, "1.000")
    with running(tmp_path / "ledger", plant) as site:
        cookie = sign_in(site)

        def lines(query: str) -> list[str]:
            page = open_page(site, f"/customs?lang=en&{query}", cookie).text
            table = page.partition('id="lines-title"')[2]
            numbers = re.findall(r'<tr><th scope="row"><a href="[^"]*">(\d+)</a>', table)
            return [number for number in numbers if number != "11"]  # of another book

        def declared(query: str) -> list[str]:
            page = open_page(site, f"/customs?lang=en&{query}", cookie).text
            table = page.partition('id="out-title"')[2]
            return re.findall(r"/declared\?[^>]*>(\d)<", table)

        assert lines("") == ["1", "2", "12"]
        assert lines("sort=fate.open") == ["2", "12", "1"]
        assert lines("sort=-imported&out=declared") == ["1", "12", "2"]
        assert declared("sort=-imported&out=-declared") == ["3", "2", "1"]
        page = open_page(site, "/customs?lang=en&sort=-imported&out=declared", cookie).text
        assert 'out=declared&amp;sort=fate.open#lines-title"' in page
        assert page.count("aria-sort=") == 2
        for column in re.findall(r"&amp;(?:sort|out)=([^&#]*)#", page):
            assert lines(f"sort={column}&out={column}")


def test_refused_ledger_shows_no_figure(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defends against figures of a log that signed two histories."""
    cookie = sign_in(own)
    assert ">2</a>" in open_page(own, "/customs?lang=en", cookie).text
    ahead = StorageError("witness.ahead", "port has a checkpoint of size 99 that the log signed")
    monkeypatch.setattr(own.context.cosigning, "_ahead", ahead)
    tree = Checkpoint(own.home.origin, 99, bytes(32))
    shown = sign_checkpoint(tree, [NoteSigner(own.home.origin, make_signer("log"))])
    monkeypatch.setattr(own.context.cosigning, "contradiction", shown)
    for path in (
        "",
        "/items",
        "/reports/account.json",
        "/reports/report.html",
        "/samples",
        "/list",
    ):
        answer = open_page(own, f"/customs{path}?lang=en", cookie)
        assert answer.status_code >= 500, path
        assert "The ledger is refused: a witness holds a checkpoint" in answer.text
        assert "port has a checkpoint of size 99" in answer.text
        assert "/figure/" not in answer.text
        assert "open_cores" not in answer.text
    page = open_page(own, "/customs?lang=en", cookie).text
    newest = own.get("/checkpoint").content
    for name, note in (("own", newest), ("shown", shown)):
        assert f"/customs/contradiction/{name}" in page
        assert own.get(f"/customs/contradiction/{name}").content == note
    monkeypatch.setattr(own.context.cosigning, "contradiction", b"")
    assert own.get("/customs/contradiction/shown").status_code == 404


def test_entries_that_contradict_the_signed_checkpoint_give_no_figure(own: Site) -> None:
    """Defends against figures of entries that somebody changed in the database."""
    cookie = sign_in(own)
    with back_door(own.home.path / DATABASE) as connection:
        (body,) = connection.execute('SELECT body FROM entry WHERE "index" = 20').fetchone()
        changed = body[:-1] + (b"A" if body[-1:] != b"A" else b"Q")
        connection.execute('UPDATE entry SET body = ? WHERE "index" = 20', (changed,))
    page = open_page(own, "/customs?lang=en", cookie)
    assert page.status_code >= 500
    assert "The ledger is refused: its database is damaged" in page.text
    assert "/customs/contradiction/own" in page.text
    assert "/figure/" not in page.text
    assert own.refusal("account", "customs")[1] == "ledger.damaged"
