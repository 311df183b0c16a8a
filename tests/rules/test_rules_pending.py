"""Events that take effect when customs or another party confirm them."""

from __future__ import annotations

import pytest

from tests.rules.acts import about, confirm, goods, refuse
from tests.world import World
from traceledger.rules.state import Pending

WAITING = {
    "core": ("RECEIVED", "divert", "DIVERTED"),
    "unit": ("PACKED", "divert", "DIVERTED"),
    "lot": ("CLOSED", "destroy", "DESTROYED"),
}


@pytest.mark.parametrize("chain", WAITING)
def test_pending_event_takes_effect_when_customs_confirm_it(chain: str) -> None:
    world = World()
    state, kind, after = WAITING[chain]
    item = world.thing(chain, state)
    event = world.add(kind, item)
    assert goods(world, item).pending == Pending(event.id, kind, after)
    world.confirm(item)
    assert (goods(world, item).life, goods(world, item).pending) == (after, None)


@pytest.mark.parametrize("chain", WAITING)
def test_pending_event_is_discarded_when_customs_refuse_it(chain: str) -> None:
    world = World()
    state, kind, after = WAITING[chain]
    item = world.thing(chain, state)
    world.add(kind, item)
    world.confirm(item, result="refused")
    assert (goods(world, item).life, goods(world, item).pending) == (state, None)
    world.add(kind, item)  # it may be asked for again
    world.confirm(item)
    assert world.life(item) == after


@pytest.mark.parametrize(
    ("chain", "kinds"),
    [
        ("core", ["inspect", "return", "scrap", "divert"]),
        ("unit", ["export", "repair", "scrap", "divert", "clean"]),
        ("lot", ["destroy", "return"]),
    ],
)
def test_no_step_is_possible_while_an_event_is_pending(chain: str, kinds: list[str]) -> None:
    world = World()
    state, kind, _ = WAITING[chain]
    item = world.thing(chain, state)
    target = world.add(kind, item).id
    for other in kinds:
        assert refuse(world, world.sign(other, item)).code == "life.pending"
    world.add("customs_check", item)
    world.add("move", item)
    world.add("hold", item, by="quality")
    world.add("release", item, by="quality")
    world.add("recall", item)
    assert goods(world, item).pending is not None
    world.append(confirm(world, item, target, "customs"))
    assert goods(world, item).pending is None


def test_only_the_confirmation_of_the_pending_event_resolves_it() -> None:
    world = World()
    lot = world.lot("CLOSED")
    world.add("destroy", lot)
    world.confirm(lot, result="refused")
    dropped = next(event.id for event in reversed(world.events) if event.kind_name == "destroy")
    waiting = world.add("destroy", lot).id
    error = refuse(world, confirm(world, lot, dropped, "customs"))
    assert (error.code, error.message) == ("life.target", "this destroy is not pending")
    assert goods(world, lot).pending == Pending(waiting, "destroy", "DESTROYED")
    world.append(confirm(world, lot, waiting, "customs"))
    assert world.life(lot) == "DESTROYED"


@pytest.mark.parametrize("answers", [("refused", "confirmed"), ("confirmed", "refused")])
@pytest.mark.parametrize("chain", WAITING)
def test_what_was_pending_is_answered_once(chain: str, answers: tuple[str, str]) -> None:
    world = World()
    state, kind, _ = WAITING[chain]
    item = world.thing(chain, state)
    target = world.add(kind, item).id
    world.append(about("confirm", world, item, target, "customs", result=answers[0]))
    error = refuse(world, about("confirm", world, item, target, "customs", result=answers[1]))
    assert (error.code, error.message) == ("life.target", f"this {kind} is not pending")


def test_diversion_takes_effect_by_customs_alone() -> None:
    world = World()
    world.admit("trader", ("importer",), prefixes=[])
    world.add_key("trader", "trader", ["importer"])
    unit = world.unit("PACKED")
    target = world.add("divert", unit).id
    receipt = {"receipt_sha256": "0f" * 32}
    for by in ("importer", "trader", "carrier", "recycler"):
        assert refuse(world, about("confirm", world, unit, target, by, **receipt)).code == (
            "key.role"
        )
    assert world.life(unit) == "PACKED"


def test_importer_confirms_a_destruction_with_the_receipt_of_customs() -> None:
    world = World()
    lot = world.lot("CLOSED")
    target = world.add("destroy", lot).id
    for result in ("confirmed", "refused"):
        wire = about("confirm", world, lot, target, "importer", result=result)
        assert refuse(world, wire).code == "key.role"
    receipt = {"receipt_sha256": "0f" * 32}
    world.append(about("confirm", world, lot, target, "importer", **receipt))
    assert world.life(lot) == "DESTROYED"


def test_recycler_does_not_confirm_its_own_destruction() -> None:
    world = World()
    both = ("recycler", "importer")
    world.admit("both", both, prefixes=[])
    for role in both:
        world.add_key(f"both {role}", "both", [role])
    lot = world.lot("CLOSED")
    receipt = {"receipt_sha256": "0f" * 32}
    target = world.add("destroy", lot, by="both recycler").id
    error = refuse(world, about("confirm", world, lot, target, "both importer", **receipt))
    assert (error.code, error.message) == (
        "life.target",
        "a party cannot confirm its own event",
    )
    for by in ("both recycler", "recycler"):
        error = refuse(world, about("confirm", world, lot, target, by, **receipt))
        assert error.code == "key.role"


@pytest.mark.parametrize("result", ["confirmed", "refused"])
def test_write_off_is_confirmed_and_the_book_stays_open(result: str) -> None:
    world = World()
    book = world.book()
    world.add("writeoff", book)
    world.confirm(book, result=result)
    assert (world.life(book), goods(world, book).pending) == ("OPEN", None)
