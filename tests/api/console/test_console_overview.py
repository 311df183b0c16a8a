"""The overview of the console: its figures agree with each other and with its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from tests.api.console.console import open_page, sign_in
from tests.api.site import running
from tests.api.test_api_account import make_plant


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
