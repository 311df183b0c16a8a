"""Events about earlier events: correct, confirm, void and erase; pending events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.state import Goods, Pending


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """Returns the error that refuses an event, and checks that nothing changed."""
    before = world.replay
    with pytest.raises(NotAllowedError) as caught:
        world.append(wire)
    assert world.replay is before
    return caught.value


def goods(world: World, item: str) -> Goods:
    state = world.replay.state(item)
    assert isinstance(state, Goods)
    return state


def about(kind: str, world: World, item: str, target: str, by: str, **values: Any) -> bytes:
    return world.sign(kind, item, values, by=by, refs=(("target", item, target),))


# Corrections


def correct(world: World, item: str, target: str, by: str, **values: Any) -> bytes:
    return about("correct", world, item, target, by, **values)


def test_party_corrects_its_own_public_fields() -> None:
    world = World()
    core = world.core("RECEIVED")
    imported, received = goods(world, core).first, goods(world, core).head
    world.append(correct(world, core, imported, "importer", set_public={"make": "GM"}))
    world.append(correct(world, core, received, "quality", set_public={"condition": "dented"}))
    world.append(correct(world, core, imported, "importer", set_customs={"net_kg": "0.95"}))
    assert world.life(core) == "RECEIVED"


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"category": "ECU"}, "life.fixed", "the life cycle depends on category"),
        ({"net_kg": "0.95"}, "life.target", "no public field net_kg; allowed: part_no, origin"),
        ({"colour": "red"}, "life.target", "no public field colour"),
        ({"origin": "Germany"}, "life.target", '"Germany" given; allowed: an ISO 3166'),
        ({"origin": 5}, "life.target", "5 given; allowed: an ISO 3166"),
        ({"surplus": False}, "life.target", "false given; allowed: true"),
        ({"make": "GM", "origin": "x"}, "life.target", '"x" given'),
    ],
)
def test_refuses_corrections_that_the_field_does_not_allow(
    values: dict[str, Any], code: str, message: str
) -> None:
    world = World()
    core = world.core()
    error = refuse(
        world, correct(world, core, goods(world, core).first, "importer", set_public=values)
    )
    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize(
    ("kind", "state", "field"),
    [
        ("receive", "RECEIVED", {"result": "short"}),
        ("inspect", "ACCEPTED", {"grade": "R"}),
        ("test", "TESTED", {"overall": "fail"}),
        ("approve", "APPROVED", {"decision": "reject"}),
        ("assemble", "ASSEMBLED", {"input_count": 2}),
        ("export", "EXPORTED", {"destination": "DEU"}),
    ],
)
def test_refuses_to_correct_what_the_life_cycle_reads(
    kind: str, state: str, field: dict[str, Any]
) -> None:
    world = World()
    cores = {"RECEIVED", "ACCEPTED"}
    item = world.core(state) if state in cores else world.unit(state)
    target = next(e.id for e in reversed(world.events) if e.kind_name == kind)
    assert refuse(world, correct(world, item, target, "operator", set_public=field)).code == (
        "life.fixed"
    )


def test_refuses_to_correct_events_of_others() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    values = {"set_public": {"departed_at": "2025-05-20T11:00:00+08:00"}}
    error = refuse(world, correct(world, unit, exported, "carrier", **values))
    assert (error.code, error.message) == (
        "life.target",
        "only party/plant may correct this event",
    )


def test_refuses_to_correct_events_of_other_chains_and_of_none() -> None:
    world = World()
    core, other = world.core(), world.core()
    values = {"set_public": {"make": "GM"}}
    for target in (goods(world, other).first, "A" * 43):
        error = refuse(world, correct(world, core, target, "importer", **values))
        assert error.code == "life.target"
    refs = (("target", other, goods(world, other).first),)
    wire = world.sign("correct", core, values, by="importer", refs=refs)
    assert refuse(world, wire).code == "life.target"


def test_refuses_to_correct_what_is_about_other_events() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    seal = {"set_customs": {"container_seal": "CN1"}}
    world.append(correct(world, unit, exported, "importer", **seal))
    world.append(about("erase", world, unit, exported, "importer", fields=["consignee"]))
    world.add("hold", unit, by="quality")
    world.add("release", unit, by="quality")
    by_kind = {event.kind_name: event.id for event in world.events}
    for kind in ("correct", "erase", "release"):
        error = refuse(
            world, correct(world, unit, by_kind[kind], "operator", set_public={"reason": "x"})
        )
        assert (error.code, error.message) == ("life.target", f"{kind} cannot be corrected")


@pytest.mark.parametrize(
    ("state", "values", "code"),
    [
        ("DECLARED", {"set_customs": {"net_kg": "0.95"}}, ""),
        ("CLOSED", {"set_customs": {"net_kg": "0.95"}}, "life.amendment"),
        ("CLOSED", {"set_customs": {"net_kg": "0.95"}, "amendment": "A-17"}, ""),
        ("CLOSED", {"set_public": {"origin": "DEU"}}, ""),
        ("CLOSED", {"amendment": "A-17"}, ""),
    ],
)
def test_customs_correction_of_a_closed_line_needs_an_amendment(
    state: str, values: dict[str, Any], code: str
) -> None:
    world = World()
    line = world.line(state)
    wire = correct(world, line, goods(world, line).first, "broker", **values)
    if code:
        assert refuse(world, wire).code == code
    else:
        world.append(wire)
        assert world.life(line) == state


# Confirmations


def confirm(world: World, item: str, target: str, by: str) -> bytes:
    return about("confirm", world, item, target, by)


def test_another_party_confirms_an_export() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    world.append(confirm(world, unit, exported, "carrier"))
    world.append(confirm(world, unit, exported, "customs"))
    assert world.life(unit) == "EXPORTED"


def test_no_party_confirms_its_own_event() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    error = refuse(world, confirm(world, unit, goods(world, unit).head, "importer"))
    assert (error.code, error.message) == (
        "life.target",
        "a party cannot confirm its own event",
    )


def test_only_some_kinds_are_confirmed() -> None:
    world = World()
    core = world.core("RECEIVED")
    error = refuse(world, confirm(world, core, goods(world, core).head, "customs"))
    assert error.message == (
        "receive cannot be confirmed;"
        " allowed: export, return, draw_lot, destroy, divert, writeoff, correct"
    )
    returned = world.core("RETURNED")
    world.append(confirm(world, returned, goods(world, returned).head, "customs"))


def test_customs_confirms_a_correction() -> None:
    world = World()
    core = world.core()
    first = goods(world, core).first
    event = world.append(correct(world, core, first, "importer", set_customs={"net_kg": "0.95"}))
    world.append(confirm(world, core, event.id, "customs"))


CONFIRMERS = {
    "export": {"carrier", "customs"},
    "return": {"carrier", "customs"},
    "draw_lot": {"carrier", "customs"},
    "destroy": {"importer", "customs"},
    "divert": {"customs"},
    "writeoff": {"customs"},
    "correct": {"customs"},
}


@pytest.mark.parametrize("kind", CONFIRMERS)
def test_each_kind_is_confirmed_by_its_own_roles(kind: str) -> None:
    world = World()
    trader = {"importer": "trader", "recycler": "second recycler", "carrier": "second carrier"}
    world.admit("trader", tuple(trader), prefixes=[])
    for role, name in trader.items():
        world.add_key(name, "trader", [role])
    make: dict[str, Callable[[], str]] = {
        "export": lambda: world.unit("PACKED"),
        "return": lambda: world.core("RECEIVED"),
        "draw_lot": lambda: world.lot(sort="new_part"),
        "destroy": lambda: world.lot("CLOSED"),
        "divert": lambda: world.unit("PACKED"),
        "writeoff": world.book,
        "correct": world.core,
    }
    item = make[kind]()
    if kind == "correct":
        values = {"set_customs": {"net_kg": "0.95"}}
        world.append(correct(world, item, goods(world, item).first, "importer", **values))
    else:
        world.add(kind, item)
    target = goods(world, item).head
    receipt = {"receipt_sha256": "0f" * 32}
    actors = {"importer": "trader", "recycler": "second recycler", "carrier": "carrier"}
    for role in ("importer", "recycler", "carrier", "customs"):
        wire = about("confirm", world, item, target, actors.get(role, role), **receipt)
        if role in CONFIRMERS[kind]:
            before = world.replay
            world.append(wire)
            world.replay = before  # each role answers the same pending event
        else:
            assert refuse(world, wire).code == "key.role"


@pytest.mark.parametrize("by", ["operator", "quality", "approver", "broker", "distributor"])
def test_refuses_a_confirmation_by_a_role_that_confirms_nothing(by: str) -> None:
    world = World()
    unit = world.unit("EXPORTED")
    assert refuse(world, confirm(world, unit, goods(world, unit).head, by)).code == "key.role"


# Pending events


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


# Voiding


def void(world: World, item: str, by: str = "", target: str = "") -> bytes:
    signer = by or world.first_actor("void", item)
    return about("void", world, item, target or goods(world, item).head, signer)


@pytest.mark.parametrize(
    ("state", "kind", "data", "by"),
    [
        ("DECLARED", "receive", {"result": "short"}, ""),
        ("RECEIVED", "inspect", {"grade": "S"}, ""),
        ("ACCEPTED", "clean", {}, ""),
        ("RECEIVED", "return", {}, ""),
        ("REJECTED", "scrap", {}, ""),
        ("RECEIVED", "divert", {}, ""),
        ("RECEIVED", "hold", {}, "quality"),
        ("RECEIVED", "recall", {}, ""),
        ("RECEIVED", "move", {}, ""),
        ("RECEIVED", "customs_check", {}, "importer"),
    ],
)
def test_void_restores_the_state(state: str, kind: str, data: dict[str, Any], by: str) -> None:
    world = World()
    core = world.core(state)
    before = goods(world, core)
    world.add(kind, core, data, by=by)
    world.append(void(world, core))
    after = goods(world, core)
    assert (after.life, after.holds, after.recalls) == (state, (), ())
    assert (after.pending, after.seq) == (None, before.seq + 2)
    world.add(kind, core, data, by=by)  # and on it goes


def test_void_restores_every_mark() -> None:
    world = World()
    unit = world.unit("ASSEMBLED")
    world.add("recall", unit)
    recalled = goods(world, unit)
    world.add("test", unit)
    world.append(void(world, unit))
    assert goods(world, unit).testers == ()
    world.add("repair", unit)
    assert goods(world, unit).recalls[0].reworked
    world.append(void(world, unit))
    assert goods(world, unit).recalls == recalled.recalls
    world.append(about("release", world, unit, recalled.head, "importer"))
    world.append(void(world, unit, "importer"))
    assert goods(world, unit).recalls == recalled.recalls


def test_voided_release_leaves_the_hold_in_force() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("hold", core, by="quality")
    world.add("release", core, by="quality")
    world.append(void(world, core))
    assert refuse(world, world.sign("inspect", core)).code == "life.held"


def test_void_of_a_pending_event_ends_the_wait() -> None:
    world = World()
    lot = world.lot("CLOSED")
    event = world.add("destroy", lot)
    world.append(void(world, lot, "recycler"))
    assert goods(world, lot).pending is None
    event = world.add("destroy", lot)
    receipt = {"receipt_sha256": "0f" * 32, "result": "refused"}
    world.append(about("confirm", world, lot, event.id, "importer", **receipt))
    world.append(void(world, lot, "importer"))  # whose party takes its refusal back
    assert goods(world, lot).pending == Pending(event.id, "destroy", "DESTROYED")
    assert world.life(lot) == "CLOSED"


def test_confirmation_that_gave_effect_cannot_be_voided() -> None:
    """A destruction that was confirmed with customs' receipt happened."""
    world = World()
    lot = world.lot("CLOSED")
    event = world.add("destroy", lot)
    receipt = {"receipt_sha256": "0f" * 32}
    world.append(about("confirm", world, lot, event.id, "importer", **receipt))
    error = refuse(world, void(world, lot, "importer"))
    assert (error.code, "gave effect to a destroy" in error.message) == ("life.void", True)


@pytest.mark.parametrize("chain", ["core", "lot", "declaration", "book"])
def test_chain_whose_first_event_is_voided_accepts_no_step(chain: str) -> None:
    world = World()
    item = world.thing(chain)
    world.append(void(world, item))
    assert world.life(item) == "VOIDED"
    kind = {"core": "receive", "lot": "close_lot", "declaration": "gate", "book": "stocktake"}
    assert refuse(world, world.sign(kind[chain], item)).code == "life.transition"
    world.add("recall", item)  # what is said of a label that is in use stays possible


def test_only_the_latest_event_can_be_voided() -> None:
    world = World()
    core = world.core("ACCEPTED")
    received = world.events[-2]
    error = refuse(world, void(world, core, target=received.id))
    assert (error.code, error.message) == (
        "life.void",
        f"only the latest event, {goods(world, core).head}, can be voided",
    )


def test_nothing_can_be_voided_twice() -> None:
    world = World()
    core = world.core("ACCEPTED")
    inspected = goods(world, core).head
    world.append(void(world, core))
    error = refuse(world, void(world, core))
    assert (error.code, error.message) == ("life.void", "void can never be voided")
    assert refuse(world, void(world, core, target=inspected)).code == "life.void"
    assert world.life(core) == "RECEIVED"


def test_only_the_same_party_can_void() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    for by in ("carrier", "customs", "distributor"):
        error = refuse(world, void(world, unit, by))
        assert (error.code, error.message) == (
            "life.target",
            "only party/plant may void this event",
        )
    for by in ("root", "plant admin"):
        assert refuse(world, void(world, unit, by)).code == ("key.role")
    world.append(void(world, unit, "importer"))
    assert world.life(unit) == "PACKED"
    world.append(void(world, world.unit("PACKED"), "operator"))


@pytest.mark.parametrize(
    ("kind", "data", "by"),
    [
        ("hold", {}, "quality"),
        ("recall", {}, "approver"),
        ("test", {"overall": "fail"}, "quality"),
        ("customs_check", {}, "importer"),
        ("move", {}, "operator"),
    ],
)
def test_void_requires_a_role_that_its_target_required(
    kind: str, data: dict[str, Any], by: str
) -> None:
    """An operator's key must not take back a recall, a hold or a failed test of its own party."""
    world = World()
    unit = world.unit("ASSEMBLED")
    world.add(kind, unit, data, by=by)
    required = {"hold": ["quality"]}.get(kind, CATALOGUE[kind].roles)
    for other in ("importer", "broker", "operator", "quality", "approver"):
        if other not in required:
            error = refuse(world, void(world, unit, other))
            assert error.code == "key.role"
            assert error.message == f"voiding this {kind} requires {' or '.join(required)}"
    world.append(void(world, unit, by))
    assert world.life(unit) == "ASSEMBLED"


def test_void_of_a_release_requires_the_role_of_the_hold() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("hold", core, by="quality")
    world.add("release", core, by="quality")
    for other in ("importer", "approver"):
        assert refuse(world, void(world, core, other)).code == "key.role"
    world.append(void(world, core, "quality"))
    assert goods(world, core).holds


def test_event_signed_by_customs_cannot_be_voided() -> None:
    world = World()
    core = world.core("RECEIVED")
    for kind in ("customs_check", "recall"):
        world.add(kind, core, by="customs")
        error = refuse(world, void(world, core, "customs"))
        assert (error.code, error.message) == ("life.void", "customs signed the latest event")
    world.add("divert", core)
    world.confirm(core)
    assert refuse(world, void(world, core, "customs")).code == "life.void"


def test_event_named_by_another_chain_cannot_be_voided() -> None:
    world = World()
    line, lot, book = world.line(), world.lot(), world.book()
    world.add("import", "8004/9521234C900000", refs=(("declaration", line),))
    world.add("scrap", world.core("RECEIVED"), refs=(("lot", lot),))
    world.add("declare_in", "decl/DECLARATION-IN-2", refs=(("book", book),))
    for item in (line, lot, book):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", "another chain names the latest event")
    world.add("gate", line)
    world.append(void(world, line, "carrier"))  # what nobody named, later in the same chain
    assert world.life(line) == "DECLARED"


def test_joins_cannot_be_voided() -> None:
    world = World()
    core, donor = world.core("IN_PROCESS"), world.core("DONOR")
    unit = world.unit(parts=(core,))
    (part,) = world.take_apart(donor)
    for item in (unit, donor):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", "another chain names the latest event")
    for item, kind in ((core, "consume"), (part, "harvest")):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", f"{kind} can never be voided")


@pytest.mark.parametrize("kind", ["assemble", "disassemble"])
def test_half_a_join_cannot_be_voided_before_the_other_half(kind: str) -> None:
    world = World()
    core, unit = world.core("ACCEPTED"), "01/09521234543213/21/U9999"
    item = unit if kind == "assemble" else core
    refs = (("input", core),) if kind == "assemble" else (("output", "8004/9521234P900001"),)
    count = {"assemble": "input_count", "disassemble": "output_count"}[kind]
    world.add(kind, item, {count: 1}, refs=refs)
    assert refuse(world, void(world, item)).code == "life.void"


# Erasing


def erase(world: World, item: str, target: str, by: str, *fields: str) -> bytes:
    return about("erase", world, item, target, by, fields=list(fields))


def test_party_erases_its_own_restricted_fields() -> None:
    world = World()
    core = world.core("RECEIVED")
    before = goods(world, core)
    imported = before.first
    world.append(erase(world, core, imported, "operator", "old_serial", "pallet", "net_kg"))
    assert world.life(core) == "RECEIVED"
    values = {"set_internal": {"pallet": "PLT-02"}}
    corrected = world.append(correct(world, core, imported, "importer", **values)).id
    world.append(erase(world, core, corrected, "importer", "set_internal"))


@pytest.mark.parametrize("field", ["category", "part_no", "colour", "_sd"])
def test_refuses_to_erase_what_is_not_restricted(field: str) -> None:
    world = World()
    core = world.core()
    wire = erase(world, core, goods(world, core).first, "importer", "old_serial", field)
    error = refuse(world, wire)
    assert (error.code, error.message) == (
        "life.target",
        f"import has no restricted field {field}; allowed: net_kg, old_serial, pallet, unit_value",
    )


def test_refuses_to_erase_where_nothing_is_restricted() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("recall", core)
    error = refuse(world, erase(world, core, goods(world, core).head, "importer", "campaign"))
    assert error.message.endswith("allowed: none")


def test_refuses_to_erase_fields_of_others() -> None:
    world = World()
    core, other = world.core("RECEIVED"), world.core()
    first = goods(world, core).first
    for by in ("customs", "carrier"):
        error = refuse(world, erase(world, core, first, by, "old_serial"))
        assert (error.code, error.message) == (
            "life.target",
            "only party/plant may erase this event",
        )
    elsewhere = goods(world, other).first
    assert refuse(world, erase(world, core, elsewhere, "importer", "pallet")).code == "life.target"


def test_erasure_cannot_be_reversed() -> None:
    world = World()
    core = world.core()
    world.append(erase(world, core, goods(world, core).first, "importer", "old_serial"))
    error = refuse(world, void(world, core))
    assert (error.code, error.message) == ("life.void", "erase can never be voided")
