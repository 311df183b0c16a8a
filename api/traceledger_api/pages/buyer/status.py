"""The status of a part whose full record is too large for a page: its state, holds and recalls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from traceledger.views.answers import Item
from traceledger_api.pages.buyer.standing import TONES, Tone, standing_of

__all__ = ["Status", "describe_status"]


class Status(NamedTuple):
    """The input of the page: the standing, and every recall in force on the part or inside it."""

    item: str
    standing: str
    tone: Tone
    recalls: tuple[Mapping[str, Any], ...]


def describe_status(item: Item, parts: tuple[Item, ...]) -> Status:
    """Derives the standing from the ledger's own state; `parts` are the marked parts inside."""
    everything = (item, *parts)
    recalls = tuple(recall for part in everything for recall in part.recalls or ())
    holds = [{"authority": hold.authority} for part in everything for hold in part.holds or ()]
    report = {
        "result": "verified",
        "item": item.item,
        "state": item.state,
        "recalls": recalls,
        "holds": holds,
        "unchecked": (),
    }
    standing = standing_of(report)
    return Status(item.item, standing, TONES[standing], recalls)
