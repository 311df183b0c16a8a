"""Who may sign what: roles, parties, signatures and prefixes."""

from __future__ import annotations

import pytest

from tests.rules.acts import refuse, registration, sign_as
from tests.world import BOOK, PREFIXES, Actor, World, make_signer
from traceledger.errors import NotAllowedError, VerificationError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.encoding import encode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.rules.authority import check_authority
from traceledger.rules.state import LedgerState, PartyState


def test_keys_that_the_world_granted_can_sign() -> None:
    world = World()
    ledger, plant = world.replay.state("ledger"), world.replay.state("party/plant")
    assert isinstance(ledger, LedgerState)
    assert isinstance(plant, PartyState)
    assert ledger.root_kid == make_signer("root").key.kid
    assert plant.admin_kid == make_signer("plant admin").key.kid
    assert world.replay.illegal == []


# Who may sign what, from the design's tables.
SIGNERS = {
    "found rotate_root rules set_policy admit dismiss": "root",
    "add_key profile": "admin",
    "revoke_key": "admin root",
    "open_book writeoff close_line import return divert reimport": "importer",
    "stocktake receive disassemble harvest clean repair update calibrate assemble consume pack move"
    " open_lot fill_lot close_lot": "operator",
    "declare_in declare_out": "importer broker",
    "gate": "carrier customs",
    "inspect diagnose scrap": "operator quality",
    "test": "quality",
    "approve": "approver",
    "export": "importer carrier",
    "draw_lot": "operator importer",
    "warranty_return": "distributor importer",
    "destroy": "recycler",
    "customs_check": "customs importer",
    "hold": "customs quality",
    "recall": "importer approver customs",
    "confirm": "importer carrier recycler customs",
    "release": "customs quality importer approver",
    "correct void erase": "importer broker operator quality approver carrier recycler customs"
    " observer distributor",
}
ROLES = (
    "root", "admin", "importer", "broker", "operator", "quality", "approver", "carrier",
    "recycler", "customs", "observer", "distributor",
)  # fmt: skip
BY_KIND = {kind: set(roles.split()) for kinds, roles in SIGNERS.items() for kind in kinds.split()}


def test_design_names_the_signers_of_every_kind() -> None:
    assert BY_KIND.keys() == CATALOGUE.keys()


@pytest.fixture(scope="module")
def asked() -> World:
    world = World()
    world.admit("observer", ("observer",), prefixes=[])
    world.add_key("observer", "observer", ["observer"])
    world.core("RECEIVED")
    return world


@pytest.mark.parametrize("kind", BY_KIND)
def test_key_without_the_role_signs_nothing(asked: World, kind: str) -> None:
    row, signer = CATALOGUE[kind], make_signer("new")
    opens = {"party": "party/new", "key": f"key/{signer.key.kid}"}
    world, item = asked, {"core": "8004/9521234C000001", "ledger": "ledger"}.get(row.chains[0], "")
    if row.position != "later" and row.chains[0] != "ledger":
        item = opens.get(row.chains[0], "8004/9521234C900000")
    elif kind in {"dismiss", "revoke_key"}:
        operator = world.actors["operator"].signer.key.kid
        item = {"dismiss": "party/plant", "revoke_key": f"key/{operator}"}[kind]
    for role in ROLES:
        by = "plant admin" if role == "admin" else role
        data = registration(world, signer) if kind == "add_key" else {}
        event = parse_token(world.sign(kind, item or BOOK, data, by=by).split(b"~")[0])
        if kind != "found":  # which names its own key; test_rules_replay.py
            assert has_role(world, event) == (role in BY_KIND[kind]), role


def has_role(world: World, event: Event) -> bool:
    """Tells whether the signer has the role; prefixes are checked separately."""
    assert event.kind is not None
    try:
        check_authority(world.replay, event, event.kind)
    except NotAllowedError as error:
        return error.code != "key.role"
    return True


@pytest.mark.parametrize("by", ["operator", "quality", "importer"])
def test_only_an_approver_approves(by: str) -> None:
    world = World()
    assert refuse(world, world.sign("approve", world.unit("TESTED"), by=by)).code == "key.role"


def test_refuses_a_key_that_was_never_granted() -> None:
    world = World()
    core, stranger = world.core(), make_signer("stranger")
    auth = world.actors["operator"].auth
    for iss, code in (("party/plant", "key.unknown"), ("party/nobody", "key.unknown"),
                      ("ledger", "key.unknown")):  # fmt: skip
        wire = sign_as(world, Actor(stranger, iss, auth), "receive", core)
        assert refuse(world, wire).code == code


def test_refuses_a_key_in_the_name_of_another_party() -> None:
    world = World()
    core, operator = world.core(), world.actors["operator"]
    for iss in ("party/carrier", "party/customs", "ledger"):
        wire = sign_as(world, Actor(operator.signer, iss, operator.auth), "receive", core)
        assert refuse(world, wire).code == "key.unknown"


@pytest.mark.parametrize("auth", ["", "A" * 43, "another"])
def test_refuses_a_false_authority(auth: str) -> None:
    world = World()
    core, operator = world.core(), world.actors["operator"]
    if auth == "another":
        auth = world.actors["quality"].auth
    wire = sign_as(world, Actor(operator.signer, operator.iss, auth), "receive", core)
    assert refuse(world, wire).code == "key.auth"


def test_refuses_a_false_signature_as_dishonest() -> None:
    world = World()
    core = world.core()
    token, _, rest = world.sign("receive", core).partition(b"~")
    signed, _, signature = token.rpartition(b".")
    other = encode_base64url(world.actors["quality"].signer.sign(signed)).encode()
    assert other != signature
    with pytest.raises(VerificationError) as caught:
        world.append(signed + b"." + other + b"~" + rest)
    assert caught.value.code == "signature.false"


# Prefixes


def test_refuses_to_open_an_item_outside_the_admitted_prefixes() -> None:
    world = World()
    for item in ("8004/9521235C000001", "x/core/C1"):
        error = refuse(world, world.sign("import", item, refs=()))
        assert error.code == "key.prefix"
        assert f"{item} given; party/plant is admitted for {', '.join(PREFIXES)}" in error.message


def test_party_without_prefixes_opens_nothing() -> None:
    world = World()
    world.admit("trader", ("importer",), prefixes=[])
    world.add_key("trader", "trader", ["importer"])
    wire = world.sign("import", "8004/9521234C900000", by="trader", refs=())
    assert refuse(world, wire).code == "key.prefix"


def test_prefix_binds_the_opening_only() -> None:
    world = World()
    core = world.core()
    world.admit("helper", ("operator",), prefixes=[])
    world.add_key("helper", "helper", ["operator"])
    world.add("receive", core, by="helper")


@pytest.mark.parametrize(("kind", "state"), [("approve", "TESTED"), ("pack", "APPROVED")])
def test_only_the_party_that_assembled_approves_and_packs(kind: str, state: str) -> None:
    world = World()
    world.admit("rival", ("operator", "approver"), prefixes=PREFIXES)
    world.add_key("rival operator", "rival", ["operator"])
    world.add_key("rival approver", "rival", ["approver"])
    by = {"approve": "rival approver", "pack": "rival operator"}[kind]
    error = refuse(world, world.sign(kind, world.unit(state), by=by))
    assert error.code == "key.maker"
    assert "only party/plant" in error.message
