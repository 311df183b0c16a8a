"""The life cycle against the design's tables (`tests/lifetable.py`)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests.lifetable import (
    ABOUT_EVENTS,
    ALWAYS,
    DECIDES,
    EXPECTED,
    OPENS,
    STATES,
    WAITS,
    deciding,
    name_of,
    steps,
)
from tests.world import STEPS, World
from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.lifecycle import ANYTIME, PENDING, TABLE, next_kinds, next_life
from traceledger.rules.state import Goods, Pending

PLACES = [(chain, state) for chain, states in STATES.items() for state in states]


class Cause(NamedTuple):
    """What the table reads of an event."""

    kind_name: str
    data: SimpleNamespace


def test_design_covers_every_kind() -> None:
    named = {step.partition("-")[0] for _, _, step in EXPECTED} | ALWAYS
    assert named == {kind for kind, _ in steps()}
    authority = {"found", "rotate_root", "rules", "set_policy", "admit", "dismiss", "add_key"}
    assert CATALOGUE.keys() == named | authority | {"revoke_key", "profile"}


@pytest.mark.parametrize(("chain", "state"), PLACES)
def test_table_holds_exactly_the_transitions_of_the_design(chain: str, state: str) -> None:
    for kind, value in steps():
        event = Cause(kind, SimpleNamespace(**deciding(kind, value)))
        expected = state if kind in ALWAYS else EXPECTED.get((chain, state, name_of(kind, value)))
        if expected is not None:
            assert next_life(chain, state, event) == expected
            continue
        with pytest.raises(NotAllowedError) as caught:
            next_life(chain, state, event)
        assert caught.value.code == "life.transition"


@pytest.mark.parametrize("chain", STATES)
def test_only_its_own_kinds_open_a_chain(chain: str) -> None:
    for kind, value in steps():
        event = Cause(kind, SimpleNamespace(**deciding(kind, value)))
        if OPENS.get(kind) == chain:
            assert next_life(chain, "", event) == EXPECTED[chain, "", kind]
        else:
            with pytest.raises(NotAllowedError):
                next_life(chain, "", event)


def test_table_has_no_state_that_the_design_does_not_have() -> None:
    assert ALWAYS == ANYTIME
    assert {(kind, chain) for chain, kind in WAITS} == PENDING
    for row in TABLE:
        assert row.to in STATES[row.chain]
        assert set(row.before) <= {"", *STATES[row.chain]}
        assert (row.field, *row.values) == ("",) or row.field == DECIDES[row.kind][0]


def test_refusal_lists_what_is_possible() -> None:
    with pytest.raises(NotAllowedError) as caught:
        next_life("unit", "APPROVED", Cause("test", SimpleNamespace(overall="pass")))
    assert caught.value.message == (
        "test is not possible for a unit that is APPROVED; possible now: repair, update,"
        " calibrate, clean, diagnose, pack, scrap"
    )
    with pytest.raises(NotAllowedError, match="possible now: no event that changes its state"):
        next_life("core", "RETURNED", Cause("clean", SimpleNamespace()))
    assert next_kinds("core", "") == ("import",)


@pytest.fixture(scope="module")
def items() -> tuple[World, dict[tuple[str, str], str]]:
    """Builds a world with one item in every state."""
    world = World()
    return world, {(chain, state): world.thing(chain, state) for chain, state in PLACES}


def test_every_state_can_be_reached() -> None:
    for chain, states in STATES.items():
        assert {*states} == STEPS[chain].keys() - {"VOIDED"}


def sign(world: World, item: str, kind: str, value: str) -> bytes:
    refs: tuple[tuple[str, ...], ...] | None = None
    if kind == "consume":
        refs = (("unit", "01/09521234543213/21/U0000", "A" * 43),)
    elif kind == "assemble":
        refs = (("input", item),)
    elif kind == "disassemble":
        refs = (("output", "8004/NEW"),)
    elif kind == "harvest":
        refs = (("parent", item),)
    data = deciding(kind, value) | ({"output_count": 1} if kind == "disassemble" else {})
    return world.sign(kind, item, data, by="quality" if kind == "hold" else "", refs=refs)


@pytest.mark.parametrize(("chain", "state"), PLACES)
def test_signed_events_change_state_as_the_design_says(
    items: tuple[World, dict[tuple[str, str], str]], chain: str, state: str
) -> None:
    world, found = items
    before, count = world.replay, len(world.events)
    for kind, value in steps():
        if kind in ABOUT_EVENTS:
            continue  # test_rules_correct.py and the files named after the others
        item = found[chain, state]
        if kind in {"fill_lot", "draw_lot"} and (chain, state) == ("lot", "OPEN"):
            item = world.lot(sort="new_part")
        after = EXPECTED.get((chain, state, name_of(kind, value)))
        if kind in ALWAYS and chain in CATALOGUE[kind].chains:
            after = state
        if after is None or kind == "consume":  # a consume needs its unit: test_rules_links.py
            with pytest.raises(NotAllowedError):
                world.append(sign(world, item, kind, value))
        else:
            event = world.append(sign(world, item, kind, value))
            goods = world.replay.state(item)
            assert isinstance(goods, Goods)
            if (chain, kind) in WAITS:
                assert (goods.life, goods.pending) == (state, Pending(event.id, kind, after))
            else:
                assert (goods.life, goods.pending) == (after, None), kind
        world.replay = before
        del world.events[count:], world.wires[count:]
