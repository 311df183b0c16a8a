"""Customs' own list beside the account."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from httpx import Response

from tests.api.console.console import open_page, sign_in
from tests.api.site import Site, running
from tests.audit.accounts import Plant

LIST = Path(__file__).parents[2] / "data" / "lists" / "05-declaration-query.csv"


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
        listed = csv.DictReader(table.removeprefix("\ufeff").splitlines())
        rows = {
            row["Key of the list"].rpartition(" ")[2]: row
            for row in listed
            if row["Row of the list"]
        }
        one, two = rows["1"], rows["2"]
        assert (one["Status"], one["Fields"]) == ("equal", "")
        assert (two["Status"], two["Fields"]) == ("differs", "Quantity")
        assert (two["Quantity, customs"], two["Quantity, ledger"]) == ("24", "23")
        assert two["Unit of measure, ledger"] == "pieces"
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
    for damaged in (
        b"",
        b"<!DOCTYPE a>",
        b"PK\x03\x04",
        data[:200],
        b"a,b\r\n1,2",
        data.replace(b",34,", b",3x,"),
    ):
        answer = give_list(shared, cookie, damaged)
        assert answer.status_code in {400, 422}, (damaged, answer.text)
        assert "manifest." in answer.text or "usage.option" in answer.text
        assert not {"--help", "--partial"} & set(answer.text.split()), answer.text
    assert give_list(shared, cookie, b"x" * (8 << 20)).status_code == 413
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("xl/worksheets/sheet1.xml", bytes(65 << 20))
    answer = give_list(shared, cookie, bomb.getvalue())
    assert answer.status_code == 400
    assert "67,108,864" in answer.text
