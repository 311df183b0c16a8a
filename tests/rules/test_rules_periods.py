"""Reports for write-off: each begins where the last confirmed one ended, at a published size."""

from __future__ import annotations

import pytest

from tests.rules.acts import refuse
from tests.world import BOOK, World
from traceledger.rules.state import Goods, Periods


def periods(world: World) -> Periods:
    state = world.replay.state(BOOK)
    assert isinstance(state, Goods)
    return state.periods


def report(world: World, start: int, end: int, *, published: bool = True) -> bytes:
    if published:
        world.replay.publish(end)
    return world.sign("writeoff", BOOK, {"from_size": start, "to_size": end})


@pytest.mark.parametrize(("start", "end"), [(2, 9), (5, 9), (1, 1), (9, 5)])
def test_first_report_begins_at_1_and_ends_later(start: int, end: int) -> None:
    """A gap before the first report would hide what happened there from customs for ever."""
    world = World()
    assert refuse(world, report(world, start, end)).code == "life.period"


def test_next_report_begins_where_the_last_confirmed_one_ended() -> None:
    """Periods that overlap or leave a gap would count a core twice or never."""
    world = World()
    world.append(report(world, 1, 9))
    assert refuse(world, report(world, 9, 12)).code == "life.period"  # not confirmed yet
    world.confirm(BOOK)
    for start in (1, 8, 10):
        assert refuse(world, report(world, start, 12)).code == "life.period"
    world.append(report(world, 9, 12))


def test_refused_report_is_made_again() -> None:
    world = World()
    world.append(report(world, 1, 9))
    world.confirm(BOOK, result="refused")
    assert periods(world) == Periods()
    world.append(report(world, 1, 9))


def test_report_ends_at_a_published_size() -> None:
    """Customs can only recompute a report of a log that somebody could hold."""
    world = World()
    wire = report(world, 1, 9, published=False)
    assert refuse(world, wire).code == "life.unpublished"
    world.replay.seal(8)
    world.append(report(world, 1, 9, published=False))


def test_book_that_starts_in_the_middle_reports_from_its_opening() -> None:
    """Its first period begins at the first count, whose position only the audit knows."""
    world = World()
    world.add("stocktake", BOOK, {"opening": True})
    world.append(report(world, 7, 9))
    world.confirm(BOOK)
    assert refuse(world, report(world, 7, 12)).code == "life.period"


def test_report_is_answered_once() -> None:
    """Customs' second answer must not open a period that the first one closed."""
    world = World()
    first = world.append(report(world, 1, 9))
    second = world.append(report(world, 1, 12))
    world.add("confirm", BOOK, by="customs", refs=(("target", BOOK, first.id),))
    for event in (first, second):
        wire = world.sign("confirm", BOOK, by="customs", refs=(("target", BOOK, event.id),))
        assert refuse(world, wire).code == "life.target"
    assert periods(world).end == 9


def test_voided_report_waits_for_no_answer() -> None:
    world = World()
    event = world.append(report(world, 1, 9))
    world.add("void", BOOK)
    assert periods(world) == Periods()
    wire = world.sign("confirm", BOOK, by="customs", refs=(("target", BOOK, event.id),))
    assert refuse(world, wire).code == "life.target"
