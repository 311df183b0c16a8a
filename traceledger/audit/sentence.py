"""The verdict of an account, for a sentence: which one, and the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from traceledger.audit.figures import Figure

__all__ = ["UNJUDGED", "Sentence", "choose_sentence"]

UNJUDGED = "INT-10"
"""The finding of events that this version cannot judge."""

Json = dict[str, Any]


class Sentence(NamedTuple):
    """What the sentence says.

    `name` is that of the verdict, or for one that differs why: `differs` by pieces of due lines,
    `weights` by the weight of such lines only, `residuals`, or `findings` of high severity; or
    `unjudged` if only events that this version cannot judge leave it open. `cores` are all that
    came, `open` those still there, `unknown` the figures that are null, `unjudged` those events.
    """

    name: str
    open: int
    cores: int
    lines: int
    pieces: Decimal
    high: int
    unknown: int
    unjudged: int


def choose_sentence(described: Json, differences: Mapping[str, Figure]) -> Sentence:
    """Chooses the sentence for an account as JSON.

    `differences` are those of its due lines that do not close, None where the weight decides.
    """
    lines_in = [line for book in described["books"] for line in book["lines_in"]]
    alone = described["no_book"].get("fate", {}).values()
    pieces = sum((abs(figure) for figure in differences.values() if figure), Decimal(0))
    return Sentence(
        name=_name(described, differences),
        open=int(described["open_cores"]),
        cores=sum(int(line["imported"]) for line in lines_in) + sum(map(int, alone)),
        lines=len(differences),
        pieces=pieces,
        high=sum(finding["severity"] == "H" for finding in described["findings"]),
        unknown=len(described["not_evaluated"]),
        unjudged=sum(one["count"] for one in described["findings"] if one["code"] == UNJUDGED),
    )


def _name(described: Json, differences: Mapping[str, Figure]) -> str:
    verdict: str = described["verdict"]
    if verdict == "not_evaluated" and described["residual_zero"] is not None:
        return "unjudged"
    if verdict != "differs":
        return verdict
    if described["residual_zero"]:
        return "findings"
    if not differences:
        return "residuals"
    return "differs" if any(differences.values()) else "weights"
