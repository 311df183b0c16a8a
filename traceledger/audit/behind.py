"""The items and entries behind every figure of an account, by the figure's path in the JSON.

A figure is a sum over items. The contribution of one item is computed by the code that computes the
figure, from that item alone, so that the parts of a figure cannot contradict it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from traceledger.audit.account import Account
from traceledger.audit.balances import TABLES
from traceledger.audit.contributions.balances import parts_of_balance, parts_of_mass
from traceledger.audit.contributions.lines import parts_of_cores, parts_of_line
from traceledger.audit.contributions.lots import parts_of_new_parts, parts_of_waste
from traceledger.audit.contributions.part import Part
from traceledger.audit.contributions.production import (
    parts_of_consumption,
    parts_of_loss,
    parts_of_yield,
)
from traceledger.audit.stocktakes import find_counts
from traceledger.audit.trail import Place
from traceledger.errors import NotFoundError

__all__ = ["find_figure", "find_parts", "start_of_path"]

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def find_figure(described: Mapping[str, Any], path: str) -> Any:
    """Returns the member of an account at a JSON Pointer (RFC 6901).

    Raises NotFoundError `account.figure`.
    """
    found: Any = described
    steps = path.split("/")
    if steps[0]:
        raise _unknown(path)
    for step in steps[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            raise _unknown(path)
    return found


def start_of_path(account: Account, described: Mapping[str, Any], path: str) -> int:
    """Returns the log size at which the period of a figure begins; 1 for a figure without one.

    Raises NotFoundError `account.figure`.
    """
    find_figure(described, path)
    match path.split("/")[1:]:
        case ["books", number, table, *_] if table in TABLES:
            return account.start_of(account.books[int(number)])
        case ["no_book", table, *_] if table in TABLES:
            return account.scope.start
        case ["new_parts", *_]:
            return account.scope.start
        case _:
            return 1


def find_parts(
    account: Account, described: Mapping[str, Any], path: str, before: Account | None = None
) -> list[Part]:
    """Returns the parts of a figure, which add up to it, by the order of the log.

    `before` is the account as of the size that `start_of_path` returns; it is not needed for 1.
    A figure that counts no items has no parts. Raises NotFoundError `account.figure`.
    """
    find_figure(described, path)
    return sorted(_find(account, described, path.split("/")[1:], before), key=_first_entry)


def _first_entry(part: Part) -> int:
    """Returns the first entry on the item's own chain: a lot is on the way of many items."""
    return next((place.at for place in part.entries if place.item == part.item), -1)


def _find(
    account: Account, described: Mapping[str, Any], steps: list[str], before: Account | None
) -> Iterator[Part]:
    match steps:
        case ["books", number, *rest]:
            book = account.books[int(number)]
            yield from _of_book(account, described["books"][int(number)], book, rest, before)
        case ["no_book", *rest]:
            yield from _of_book(account, described["no_book"], "", rest, before)
        case ["open_cores"]:
            lines = [
                line["declaration"] for book in described["books"] for line in book["lines_in"]
            ]
            lines += [""] if "open" in described["no_book"] else []
            yield from parts_of_cores(account, frozenset(lines), ["open"])
        case ["new_parts", number, term]:
            yield from parts_of_new_parts(
                account, described["new_parts"][int(number)], term, before
            )
        case ["waste", number, term]:
            yield from parts_of_waste(account, described["waste"][int(number)], term)
        case ["yield", number, "good" | "of" as term]:
            yield from parts_of_yield(account, described["yield"][int(number)]["part_no"], term)
        case ["consumption", number, "units" | "declared" | "consumed" as term]:
            row = described["consumption"][int(number)]
            yield from parts_of_consumption(account, (row["part_no"], row["new_part"]), term)
        case ["losses", number, "consumed" | "scrapped" | "allowed" as term]:
            yield from parts_of_loss(account, described["losses"][int(number)]["new_part"], term)
        case _:
            return


def _of_book(
    account: Account,
    described: Mapping[str, Any],
    book: str,
    steps: list[str],
    before: Account | None,
) -> Iterator[Part]:
    match steps:
        case ["lines_in" | "lines_out" as side, number, term, *rest]:
            line = described[side][int(number)]["declaration"]
            yield from parts_of_line(account, line, [term, *rest])
        case [table, number, *rest] if table in TABLES:
            row = described[table][int(number)]
            name = row.get("part" if table == "components" else "book_line", "")
            yield from parts_of_balance(account, (table, book, name), rest, before)
        case ["mass", term]:
            yield from parts_of_mass(account, book, term)
        case ["stocktakes", number, *_]:
            count = find_counts(account.picture.books[book])[int(number)]
            entries = tuple(Place(*place, book, "stocktake") for place in count.evidence.places)
            yield Part(book, None, entries)
        case ["fate" | "fate_kg" | "open" | "overdue" | "oldest_open_days", *_]:
            yield from parts_of_cores(account, frozenset({""}), steps)
        case _:
            return


def _unknown(path: str) -> NotFoundError:
    return NotFoundError("account.figure", f"the account has no figure at {path}")
