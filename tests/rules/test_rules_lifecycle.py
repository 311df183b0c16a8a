"""The life cycle against the design's table, which is written out here a second time."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import BOOK, CORE_STEPS, LINE_IN, UNIT_STEPS, World
from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.lifecycle import ANYTIME, TABLE, next_kinds, next_life

# A step is a kind, or a kind with the value of the field that decides.
DECIDES = {
    "receive": ("result", ["ok", "short"]),
    "inspect": ("grade", ["A", "B", "C", "R", "S"]),
    "test": ("overall", ["pass", "fail"]),
    "approve": ("decision", ["pass", "concession", "reject"]),
}
CORE = """
DECLARED MISSING: receive-ok > RECEIVED
DECLARED MISSING: receive-short > MISSING
RECEIVED ACCEPTED: inspect-A inspect-B > ACCEPTED
RECEIVED ACCEPTED: inspect-C > DONOR
RECEIVED ACCEPTED: inspect-R > REJECTED
RECEIVED ACCEPTED: inspect-S > CONDEMNED
ACCEPTED IN_PROCESS: clean diagnose repair update calibrate > IN_PROCESS
ACCEPTED IN_PROCESS: consume > CONSUMED
RECEIVED ACCEPTED IN_PROCESS DONOR REJECTED: return > RETURNED
"""
UNIT = """
ASSEMBLED TESTED: test-pass > TESTED
ASSEMBLED TESTED: test-fail > FAILED
TESTED: approve-pass approve-concession > APPROVED
TESTED: approve-reject > FAILED
ASSEMBLED TESTED FAILED APPROVED PACKED: repair update calibrate > ASSEMBLED
ASSEMBLED TESTED FAILED APPROVED PACKED: clean diagnose > =
APPROVED: pack > PACKED
PACKED: export > EXPORTED
"""
ALWAYS = {"hold", "recall", "release", "correct", "confirm"}
OPENS = {
    "import": ("core", "DECLARED"),
    "assemble": ("unit", "ASSEMBLED"),
    "declare_in": ("declaration", "DECLARED"),
    "declare_out": ("declaration", "DECLARED"),
    "open_book": ("book", "OPEN"),
}
STATES = {
    "core": [*CORE_STEPS, "CONSUMED"],
    "unit": [*UNIT_STEPS],
    "declaration": ["DECLARED"],
    "book": ["OPEN"],
}


def expected() -> dict[tuple[str, str, str], str]:
    """The state after each (chain, state, step) that the design allows."""
    table = {}
    for chain, text in (("core", CORE), ("unit", UNIT)):
        for line in text.strip().splitlines():
            before, _, rest = line.partition(": ")
            steps, _, after = rest.partition(" > ")
            for state in before.split():
                for step in steps.split():
                    table[chain, state, step] = state if after == "=" else after
    return table


EXPECTED = expected()


def steps() -> Iterator[tuple[str, str]]:
    """Every kind of the chains of goods, with every value that decides."""
    for kind in CATALOGUE.values():
        if not {"ledger", "policy", "party", "key"} & set(kind.chains):
            for value in DECIDES.get(kind.name, ("", [""]))[1]:
                yield kind.name, value


CASES = [
    (chain, state, kind, value)
    for chain, states in STATES.items()
    for state in states
    for kind, value in steps()
]


def name_of(kind: str, value: str) -> str:
    return f"{kind}-{value}" if value else kind


@pytest.mark.parametrize(("chain", "state", "kind", "value"), CASES)
def test_table_holds_exactly_the_transitions_of_the_design(
    chain: str, state: str, kind: str, value: str
) -> None:
    data = SimpleNamespace(**{field: value for field, _ in [DECIDES.get(kind, ("none", []))]})
    if kind in ALWAYS:
        assert next_life(chain, state, kind, data) == state
        return
    wanted = EXPECTED.get((chain, state, name_of(kind, value)))
    if wanted is not None:
        assert next_life(chain, state, kind, data) == wanted
        return
    with pytest.raises(NotAllowedError) as caught:
        next_life(chain, state, kind, data)
    assert caught.value.code == "life.transition"


@pytest.mark.parametrize("chain", STATES)
def test_only_its_own_kinds_open_a_chain(chain: str) -> None:
    for kind, _ in steps():
        data = SimpleNamespace()
        if kind in OPENS and OPENS[kind][0] == chain:
            assert next_life(chain, "", kind, data) == OPENS[kind][1]
        else:
            with pytest.raises(NotAllowedError):
                next_life(chain, "", kind, data)


def test_table_has_no_state_that_the_design_does_not_have() -> None:
    assert ALWAYS == ANYTIME
    for row in TABLE:
        assert row.to in STATES[row.chain]
        assert set(row.before) <= {"", *STATES[row.chain]}


def test_refusal_says_what_is_possible() -> None:
    with pytest.raises(NotAllowedError) as caught:
        next_life("unit", "APPROVED", "test", SimpleNamespace(overall="pass"))
    assert caught.value.message == (
        "test is not possible for a unit that is APPROVED; possible now: repair, update,"
        " calibrate, clean, diagnose, pack"
    )
    with pytest.raises(NotAllowedError, match="possible now: nothing that changes it"):
        next_life("core", "RETURNED", "clean", SimpleNamespace())
    assert next_kinds("core", "") == ("import",)


@pytest.fixture(scope="module")
def items() -> tuple[World, dict[tuple[str, str], str]]:
    """A world with one item in every state."""
    world = World()
    found = {("core", state): world.core(state) for state in CORE_STEPS}
    consumed = world.core("IN_PROCESS")
    for state in UNIT_STEPS:
        found["unit", state] = world.unit(state, cores=(consumed,) if state == "ASSEMBLED" else ())
    found["core", "CONSUMED"] = consumed
    found["declaration", "DECLARED"], found["book", "OPEN"] = LINE_IN, BOOK
    return world, found


def sign(world: World, item: str, kind: str, value: str) -> bytes:
    field = DECIDES[kind][0] if kind in DECIDES else ""
    refs: tuple[tuple[str, ...], ...] | None = None
    if kind in {"confirm", "correct", "release"}:
        refs = (("target", item, "A" * 43),)
    elif kind == "consume":
        refs = (("unit", "01/09521234543213/21/U0000", "A" * 43),)
    elif kind == "assemble":
        refs = (("input", item),)
    by = {"hold": "quality"}.get(kind, "")
    return world.sign(kind, item, {field: value} if field else {}, by=by, refs=refs)


@pytest.mark.parametrize(("chain", "state", "kind", "value"), CASES)
def test_signed_events_change_state_as_the_design_says(
    items: tuple[World, dict[tuple[str, str], str]], chain: str, state: str, kind: str, value: str
) -> None:
    world, found = items
    item, before = found[chain, state], world.replay
    wanted = EXPECTED.get((chain, state, name_of(kind, value)))
    wire = sign(world, item, kind, value)
    if kind in {"hold", "recall"}:
        wanted = state
    if wanted is None or kind == "consume":  # a consume needs its unit: test_rules_links.py
        with pytest.raises(NotAllowedError):
            world.append(wire)
        assert world.replay is before
        return
    world.append(wire)
    assert world.life(item) == wanted
    world.replay = before
    world.events.pop()
    world.wires.pop()


WALK = st.lists(st.sampled_from(list(steps())), max_size=12)


@settings(max_examples=60, deadline=None)
@given(WALK, st.sampled_from(["core", "unit"]))
def test_random_walks_agree_with_the_table(walk: list[tuple[str, str]], chain: str) -> None:
    world = WALKING
    before = (world.replay, len(world.events))
    item = world.core() if chain == "core" else world.unit()
    life, seq = world.life(item), world.replay.heads()[item][0]
    for kind, value in walk:
        if kind in {"consume", "assemble", "release", "confirm", "correct"}:
            continue
        wanted = EXPECTED.get((chain, life, name_of(kind, value)))
        # Two overlays come with the walk: nothing while held, no approval while recalled.
        state = world.replay.states[item]
        held, recalled = bool(getattr(state, "holds", ())), bool(getattr(state, "recalls", ()))
        if kind in {"hold", "recall"}:
            wanted = life
        elif held or (recalled and kind in {"pack", "export"}):
            wanted = None
        refused = ""
        try:
            world.append(sign(world, item, kind, value))
        except NotAllowedError as error:
            refused = error.code
        else:
            assert wanted is not None
            life, seq = wanted, seq + 1
        assert not refused or wanted is None or (recalled and refused == "life.recalled")
        assert world.life(item) == life
        assert world.replay.heads()[item][0] == seq
    world.replay = before[0]
    del world.events[before[1] :], world.wires[before[1] :]


WALKING = World()
