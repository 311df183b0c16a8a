"""The overview of the console: its figures agree with each other and with its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.console.console import open_page, sign_in
from tests.api.site import running
from tests.api.test_api_account import make_plant
from tests.audit.accounts import Plant
from traceledger.reports.words import words_of


def test_cores_without_a_declaration_are_in_every_sum(tmp_path: Path) -> None:
    """The flow would have more cores than the equation above it."""
    plant = make_plant()
    plant.add("import", "8004/9521234C900001", {"net_kg": "1.000"}, refs=())
    with running(tmp_path / "ledger", plant) as site:
        page = open_page(site, "/customs?lang=en", sign_in(site)).text
        account = site.json("account", "customs")
    assert "No declaration" in page
    cores = sum(int(line["imported"]) for book in account["books"] for line in book["lines_in"])
    (equation,) = re.findall(r'<ol class="equation".*?</ol>', page, re.DOTALL)
    flow = page.partition('id="flow-title"')[2]
    for part in (equation, flow, page.partition("<tfoot>")[2]):
        first = re.search(r">([0-9,]+)<", part)
        assert first is not None
        assert first[1] == str(cores + 1)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_figures_of_a_later_period_stand_apart(tmp_path: Path, language: str) -> None:
    """Defends against a sum of figures that are about different entries."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    plant.build("1.000", plant.import_core(line, state="ACCEPTED"))
    words = words_of("en" if language == "en" else "zh")
    with running(tmp_path / "ledger", plant) as site:
        cookie, start = sign_in(site), site.context.service.published.size
        assert "period-balances" not in open_page(site, f"/customs?lang={language}", cookie).text
        plant.build("1.000", plant.import_core(line, state="ACCEPTED"))
        site.feed()
        page = open_page(site, f"/customs?lang={language}&from={start}", cookie).text
    rest, _, period = page.partition('<div class="apart">')
    assert '="/customs/figure/books/1/cores/0/residual?' not in rest
    assert '="/customs/figure/books/1/mass/close?' in rest
    assert '="/customs/figure/books/1/mass/close?' not in period
    last = site.context.service.published.size - 1
    heading = words("extent.period", first=f"{start:,}", last=f"{last:,}")
    assert f'<h2 id="period-balances-title">{heading}</h2>' in period
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', period)
    figures = {name: re.findall(r">([^<]+)</(?:a|span)></td>", cells) for name, cells in rows}
    names = ("Cores", "Units") if language == "en" else ("旧件", "成品")
    assert [figures[name] for name in names] == [
        ["0", "1", "1", "0", "0"],
        ["1", "1", "0", "2", "0"],
    ]
