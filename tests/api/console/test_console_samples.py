"""Samples that officers draw, and the results that they sign."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import html
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from httpx import Response

from tests.api.console.console import HOSTILE, open_page, send_form, sign_in
from tests.api.site import NOW, Site, running
from tests.audit.accounts import Plant
from tests.samples import sign_statement
from tests.world import make_signer
from traceledger.errors import ConflictError
from traceledger.formats.sample import parse_sample
from traceledger.ledger.keeping.backup import back_up, restore
from traceledger.ledger.reading.accounts import Wanted
from traceledger.reports.samples import describe_bound
from traceledger.reports.words import words_of
from traceledger_api import sample_book
from traceledger_api.sample_book import Draw, Sample, SampleBook


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


def test_server_chooses_the_seed_for_a_browser_without_the_script(own: Site) -> None:
    cookie = sign_in(own)
    for number in (1, 2):
        answer = draw(own, cookie, seed="")
        assert answer.headers["location"].startswith(f"/customs/samples/{number}?"), answer.text
    seeds = {sample.draw.seed for sample in own.context.samples.newest("party/customs", 3)}
    assert {len(seed) for seed in seeds} == {64}
    assert len(seeds) == 2


def test_wrong_samples_are_refused(shared: Site) -> None:
    """Defends against seeds that are none, and forms of other sites that number samples."""
    cookie = sign_in(shared)
    wrong = [
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
    latest = max(event.payload.iat for event in own.world.events)  # `audit` knows no other time
    times = (latest - 301, NOW + 301)
    early, late = (sign_statement(sample, signers["customs"], time) for time in times)
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
    assert "no. 1, 2 of 2 cores: 1 found, 1 different, 0 not found" in front
    shown = describe_bound(sample, words_of("en"))
    assert "1 differs or was not found: with 95 % confidence, at most 1 of the 2" in shown
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
