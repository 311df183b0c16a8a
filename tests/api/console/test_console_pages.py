"""What the pages of the console show of an account, and to whom."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.console.console import HOSTILE, open_page, sign_in
from tests.api.site import Site, running
from tests.audit.accounts import Plant
from tests.ledger.bench import back_door
from tests.world import make_signer
from traceledger.errors import StorageError
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.ledger.keeping.home import DATABASE


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
        for path in ("figure/books/99/cores/0/close", "figure/books/x/cores", "table/verdict"):
            assert open_page(site, f"/customs/{path}", cookie).status_code == 404
        for path, text in (("as_of", "2025-06-15T"), ("books/1/components/0/part", "24261870")):
            figure = open_page(site, f"/customs/figure/{path}", cookie)
            assert (figure.status_code, f": <bdi>{text}" in figure.text) == (200, True)
        row = open_page(site, "/customs/figure/books/1/cores/0", cookie)
        assert (row.status_code, "</h1>" in row.text) == (200, True)


def test_refused_ledger_shows_no_figure(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defends against figures of a log that signed two histories."""
    cookie = sign_in(own)
    assert ">2</a>" in open_page(own, "/customs?lang=en", cookie).text
    ahead = StorageError("witness.ahead", "port has a checkpoint of size 99 that the log signed")
    monkeypatch.setattr(own.context.cosigning, "ahead", ahead)
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


def test_ledger_that_another_server_found_to_be_false_shows_no_figure(own: Site) -> None:
    """The console went on showing them, and the API showed them in any case."""
    cookie = sign_in(own)
    tree = Checkpoint(own.home.origin, 99, bytes(32))
    shown = sign_checkpoint(tree, [NoteSigner(own.home.origin, make_signer("log"))])
    own.home.contradictions.keep(shown)
    (own.home.contradictions.path / "100-of-an-operator").write_bytes(b"no note")
    page = open_page(own, "/customs?lang=en", cookie)
    assert (page.status_code, "The ledger is refused" in page.text) == (503, True)
    assert "/figure/" not in page.text
    assert "/customs/contradiction/shown" in page.text
    assert own.get("/customs/contradiction/shown").content == shown
    assert own.refusal("account", "customs") == (503, "witness.ahead")


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
