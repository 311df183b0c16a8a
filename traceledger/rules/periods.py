"""Reports for write-off on the chain of a book: each period begins where the last one ended."""

from __future__ import annotations

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.rules.state import Goods, Periods, WaitingReport, World

__all__ = ["answer_report", "check_published", "check_report", "step_periods"]


def check_report(state: Goods, event: Event) -> None:
    """Checks that a report begins where the last confirmed one ended, or where the book begins.

    The log position of an opening stocktake is not known here, so a first report after it may begin
    anywhere. Raises NotAllowedError `life.period`.
    """
    data, periods = event.data, state.periods
    start = periods.end or (0 if periods.opened else 1)
    if start and data.from_size != start:
        raise NotAllowedError(
            "life.period", f"from_size {data.from_size} given; the period begins at {start}"
        )
    if data.to_size <= data.from_size:
        raise NotAllowedError(
            "life.period", f"to_size {data.to_size} is not above from_size {data.from_size}"
        )


def check_published(world: World, event: Event) -> None:
    """Checks that a report ends at a size of the log that was published before.

    Raises NotAllowedError `life.unpublished`.
    """
    size = event.data.to_size
    if not world.is_published(size):
        raise NotAllowedError("life.unpublished", f"to_size {size} is no published size of the log")


def step_periods(periods: Periods, event: Event) -> Periods:
    """Returns the periods of a book after a stocktake or report."""
    match event.kind_name:
        case "stocktake" if event.data.opening is True:
            return replace(periods, opened=True)
        case "writeoff":
            report = WaitingReport(event.id, event.data.to_size)
            return replace(periods, waiting=(*periods.waiting, report))
        case _:
            return periods


def answer_report(periods: Periods, target: str, *, confirmed: bool) -> Periods:
    """Returns the periods after customs' answer to a report; other reports of a closed period end.

    The answer to any other event changes nothing.
    """
    report = periods.find(target)
    if report is None:
        return periods
    if confirmed:
        return replace(periods, end=report.end, waiting=())
    return replace(periods, waiting=tuple(one for one in periods.waiting if one is not report))
