"""What follows from an account's figures: open cores, zero residuals, verdict, what is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from traceledger.audit.account import Account
from traceledger.audit.balances import TABLES
from traceledger.audit.sentence import UNJUDGED

__all__ = ["Json", "conclude"]

Json = dict[str, Any]


def conclude(account: Account, described: Json) -> None:
    """Adds to an account's JSON what follows from its other members."""
    described["open_cores"] = str(sum(_open_cores(described)))
    described["residual_zero"] = _closes_to_zero(account, described)
    described["verdict"] = _verdict(described)
    described["not_evaluated"] = list(_unknown(described, ""))


def _open_cores(described: Json) -> Iterator[int]:
    for book in described["books"]:
        yield from (int(line["open"]) for line in book["lines_in"])
    if "open" in described["no_book"]:
        yield int(described["no_book"]["open"])


def _closes_to_zero(account: Account, described: Json) -> bool | None:
    """Reports whether every residual and every due line's difference is 0; None if unknown."""
    answers: list[bool | None] = []
    for part in (*described["books"], described["no_book"]):
        for table in TABLES:
            answers += [_is_zero(row["residual"]) for row in part.get(table, ())]
        if part.get("mass"):
            answers.append(_is_zero(part["mass"]["residual"]))
    answers += [_is_zero(row["residual"]) for row in (*described["new_parts"], *described["waste"])]
    for line in account.sums.lines.lines.values():
        if account.has_line(line):
            answers.append(account.closes(line))
    if False in answers:
        return False
    return None if None in answers else True


def _is_zero(figure: str | None) -> bool | None:
    return None if figure is None else figure == "0"


def _verdict(described: Json) -> str:
    if described["residual_zero"] is None:
        return "not_evaluated"
    high = any(finding["severity"] == "H" for finding in described["findings"])
    if high or not described["residual_zero"]:
        return "differs"
    # What an event does that this version cannot judge, no figure shows.
    if any(finding["code"] == UNJUDGED for finding in described["findings"]):
        return "not_evaluated"
    return "closes" if described["open_cores"] == "0" else "balances"


def _unknown(value: Any, path: str) -> Iterator[str]:
    """Yields the JSON Pointers (RFC 6901) of all figures that are null."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _unknown(member, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from _unknown(member, f"{path}/{place}")
