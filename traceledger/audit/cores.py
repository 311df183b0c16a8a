"""Imported cores one by one: where each is now, what it became, and on which line it left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.fates import OPEN, Fate
from traceledger.audit.figures import Figure
from traceledger.audit.picture import Picture
from traceledger.audit.pieces import age_in_days, moment_of
from traceledger.audit.stock import part_of
from traceledger.audit.things import Thing

__all__ = ["CoreRow", "list_cores"]


class CoreRow(NamedTuple):
    """A core of the account.

    `weight` is in kg, None if it is unknown. `became` is the unit or waste lot that it went into,
    `parts` what it was taken apart into. `left_on` is the line on which it or its unit left.
    `imported` is in seconds since 1970; `days` is its age when it left, or now if it is open.
    """

    item: str
    line: str
    part_no: str
    weight: Figure
    fate: Fate
    became: str
    parts: tuple[str, ...]
    left_on: str
    imported: int
    days: int

    @property
    def is_open(self) -> bool:
        """Whether it is still in the account."""
        return self.fate in OPEN


def list_cores(account: Account) -> Iterator[CoreRow]:
    """Yields the cores of the books of an account, in log order.

    An account of all books has those without a declaration, too.
    """
    wanted = {item for item, line in account.sums.lines.lines.items() if account.has_line(line)}
    if not account.scope.book:
        wanted.add("")
    for item, core in account.picture.each():
        if core.chain == "core" and core.line in wanted:
            yield _describe(account, item, core)


def _describe(account: Account, item: str, core: Thing) -> CoreRow:
    picture = account.picture
    last = _last(picture, core)
    step = last.last("export", "return", "divert") if last.steps else None
    ended = step.at if step is not None else None
    days = (ended - moment_of(core)) // 86_400 if ended else age_in_days(picture, moment_of(core))
    return CoreRow(
        item=item,
        line=core.line,
        part_no=part_of(core),
        weight=picture.weight(core),
        fate=account.fates.of(item, core),
        became=_became(core),
        parts=tuple(core.outputs),
        left_on=step.linked if step is not None else "",
        imported=moment_of(core),
        days=days,
    )


def _became(core: Thing) -> str:
    if core.life == "CONSUMED":
        return core.unit
    scrapped = core.last("scrap") if core.life == "SCRAPPED" else None
    return scrapped.linked if scrapped else ""


def _last(picture: Picture, core: Thing) -> Thing:
    """Returns the core, or what it went into."""
    found = picture.things.get(_became(core)) if _became(core) else None
    return core if found is None else found
