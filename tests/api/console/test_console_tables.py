"""The order of rows in the tables of the console."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote

from tests.api.console.console import HOSTILE, open_page, sign_in
from tests.api.site import running
from tests.audit.accounts import Plant


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
