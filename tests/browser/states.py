"""A part in each state that the buyer's page can show, served by one shop."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from tests.pages.shop import Shop
from traceledger.formats.label import LabelStatement, sign_label

__all__ = ["STATES", "Visit", "prepare", "sign_statement"]

_LIVES = {
    "good": "EXPORTED",
    "second life": "REIMPORTED",
    "recalled": "EXPORTED",
    "held": "EXPORTED",
    "not released": "ASSEMBLED",
    "scrapped": "SCRAPPED",
    "claimed": "CLAIMED",
    "refused": "EXPORTED",
    "not checked": "EXPORTED",
    "false label": "EXPORTED",
}
STATES = (*_LIVES, "unknown")


class Visit(NamedTuple):
    """The path of a page, the fragment of its address, and what its record comes to."""

    item: str
    fragment: str = ""
    record: str = "proven"


def prepare(shop: Shop) -> dict[str, Visit]:
    """Fills a shop with a part in each state."""
    items = {state: shop.new(life) for state, life in _LIVES.items()}
    items["second life"] = shop.renew(items["second life"])
    recall = {
        "action": "return",
        "criteria": "units of May",
        "contact": "recall desk, +86 23 5550 0100",
        "campaign": "RC-9",
    }
    shop.log.add("recall", items["recalled"], recall, by="importer")
    shop.log.add("hold", items["held"], {"authority": "customs"}, by="customs")
    for item in items.values():
        shop.show(item)
    refused, unchecked = items["refused"], items["not checked"]
    shop.answers[refused] = Response(shop.passports[refused][:-1] + b" }")
    shop.answers[unchecked] = Response(b"<!doctype html>")
    return {
        **{state: Visit(item) for state, item in items.items()},
        "unknown": Visit("01/09521234543213/21/NONE", record=""),
        "refused": Visit(refused, record="refused"),
        "not checked": Visit(unchecked, record="unchecked"),
        "false label": Visit(
            items["false label"], f"#{sign_statement(shop, items['false label'], 'item')}"
        ),
    }


def sign_statement(shop: Shop, item: str, change: str = "") -> str:
    """The statement of a label on the unit, or on another with `change`."""
    approval = next(one for one in shop.log.chain(item) if one.kind_name == "approve")
    signer = shop.log.actors["approver"].signer
    statement = LabelStatement(
        aud=approval.payload.aud,
        item="01/09521234543213/21/OTHER" if change == "item" else item,
        event=shop.log.chain(item)[0].id if change == "event" else approval.id,
        kid=signer.key.kid,
        month="2025-06",
    )
    return sign_label(statement, signer)
