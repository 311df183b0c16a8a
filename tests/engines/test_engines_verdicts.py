"""What the buyer's page says in every engine, with that engine's own cryptography."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from tests.engines.engines import BROWSERS
from tests.pages.shop import Shop, serving
from tests.passports import change_chain
from traceledger.formats.passport import MEDIA_TYPE, format_passport, parse_passport
from traceledger_api.pages.words import load_words

SAY = load_words("en")
NOWHERE = "http://127.0.0.1:9/"
READ = """
new Promise((resolve) => {
  const row = (id) => {
    const element = document.querySelector(`#${id}`);
    return element && [element.querySelector(".says").innerText, element.dataset.tone];
  };
  const look = () => {
    const { record } = document.body.dataset;
    if (record) resolve({ record, shown: { record: row("record"), part: row("part") } });
    else setTimeout(look, 50);
  };
  look();
})
"""


def altered(passport: bytes) -> bytes:
    """The passport with a bit of a signature flipped."""
    at = passport.index(b"~") - 10
    return passport[:at] + (b"A" if passport[at : at + 1] != b"A" else b"B") + passport[at + 1 :]


def without_recall(passport: bytes, item: str) -> bytes:
    """The passport without the last event of the item."""
    whole = parse_passport(passport)
    return format_passport(change_chain(whole, item, events=whole.chains[0].events[:-1]))


@pytest.mark.parametrize("engine", BROWSERS)
def test_page_says_the_same_in_every_engine(engine: str) -> None:
    """A page that only Chromium has run could show a forged record as sound elsewhere."""
    shop = Shop()
    states = ("good", "recalled", "altered", "hidden", "unreachable")
    items = {state: shop.new() for state in states}
    for state in ("recalled", "hidden"):
        shop.log.add("recall", items[state], by="importer")
    for item in items.values():
        shop.show(item)
    sent = {
        "altered": altered(shop.passports[items["altered"]]),
        "hidden": without_recall(shop.passports[items["hidden"]], items["hidden"]),
    }
    for state, passport in sent.items():
        shop.answers[items[state]] = Response(passport, media_type=MEDIA_TYPE)
    shop.answers[items["unreachable"]] = RedirectResponse(NOWHERE)
    with serving(shop) as address:
        found = BROWSERS[engine]([(f"{address}/{item}?lang=en", READ) for item in items.values()])
    first = [SAY("record.first_use", host=address.removeprefix("http://")), "seen"]
    recalled = [SAY("standing.recalled"), "stop"]
    unproven = {
        "record": [SAY("record.refused"), "stop"],
        "part": [SAY("standing.unproven"), "plain"],
    }
    wanted: dict[str, Any] = {
        "good": ("proven", {"record": first, "part": [SAY("standing.released"), "seen"]}),
        "recalled": ("proven", {"record": first, "part": recalled}),
        "altered": ("refused", unproven),
        "hidden": ("refused", {**unproven, "part": recalled}),
        "unreachable": ("unchecked", {"record": [SAY("record.unchecked"), "plain"], "part": None}),
    }
    for state, page in zip(states, found, strict=True):
        assert (page["record"], page["shown"]) == wanted[state], state
