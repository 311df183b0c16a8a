from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.world import BOOK, PREFIXES, Actor, World, jwk, make_signer
from traceledger.errors import MalformedError, NotAllowedError, VerificationError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, SoftwareSigner
from traceledger.events.token import Event, parse_token
from traceledger.rules.authority import check_authority
from traceledger.rules.state import KeyState, LedgerState, PartyState

WEAK = {"crv": "Ed25519", "kty": "OKP", "x": encode_base64url(bytes(32))}


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """Returns the error that refuses an event, and checks that nothing changed."""
    before = world.replay
    with pytest.raises(NotAllowedError) as caught:
        world.append(wire)
    assert world.replay is before
    return caught.value


def sign_as(world: World, actor: Actor, kind: str, item: str, data: Any = None) -> bytes:
    world.actors["somebody"] = actor
    return world.sign(kind, item, data, by="somebody")


def registration(world: World, signer: SoftwareSigner, **changes: Any) -> dict[str, Any]:
    item = f"key/{signer.key.kid}"
    return {
        "jwk": jwk(signer.key),
        "roles": ["operator"],
        "possession": world.possession(signer, item),
        "label": "station",
    } | changes


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


# Registration


def test_refuses_registration_without_possession() -> None:
    world, signer, other = World(), make_signer("new"), make_signer("other")
    item = f"key/{signer.key.kid}"
    text = f"traceledger/key/v1\n{{}}\n{item}\n{signer.key.kid}\n"
    for possession in (
        "A" * 86,
        world.possession(other, item),
        encode_base64url(signer.sign(text.format("ledger.example/other").encode())),
        encode_base64url(signer.sign(text.format(world.origin).rstrip().encode())),
        world.possession(signer, "party/plant"),
    ):
        data = registration(world, signer, possession=possession)
        error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
        assert error.code == "key.possession"


def test_refuses_proof_of_possession_with_spare_bits() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    possession = world.possession(signer, item)
    data = registration(world, signer, possession=possession[:-1] + "B")
    with pytest.raises(MalformedError, match="possession"):
        world.sign("add_key", item, data, by="plant admin")


def test_refuses_weak_keys_at_every_registration() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{Jwk(crv='Ed25519', kty='OKP', x=WEAK['x']).kid}"
    data = registration(world, signer, jwk=WEAK)
    wires = [
        world.sign("add_key", item, data, by="plant admin"),
        world.sign("admit", "party/weak", {"admin_jwk": WEAK, "possession": "A" * 86}, by="root"),
    ]
    assert [refuse(world, wire).code for wire in wires] == ["key.weak", "key.weak"]


@pytest.mark.parametrize("crv", ["P-256", "Ed25519"])
def test_refuses_keys_of_a_mixed_form(crv: str) -> None:
    world = World()
    mixed = WEAK | {"crv": crv, "kty": "EC"}
    wire = world.sign("admit", "party/x", {"admin_jwk": mixed, "possession": "A" * 86}, by="root")
    assert refuse(world, wire).code == "key.form"


def test_refuses_a_key_that_was_granted_before() -> None:
    world = World()
    for name in ("root", "plant admin", "carrier admin"):
        signer = make_signer(name)
        item = f"key/{signer.key.kid}"
        wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
        assert refuse(world, wire).code == "key.reused"
    for name in ("root", "operator", "plant admin", "carrier admin"):
        signer = make_signer(name)
        data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/new")}
        assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"
    signer = make_signer("operator")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="carrier admin")
    assert refuse(world, wire).code == "life.transition"


def test_readmission_needs_a_new_admin_key() -> None:
    world = World()
    signer = make_signer("plant admin")
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/plant")}
    assert refuse(world, world.sign("admit", "party/plant", data)).code == "key.reused"


def test_refuses_quality_and_approver_on_one_key() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["quality", "operator", "approver"])
    error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
    assert error.code == "key.role"
    assert "quality and approver" in error.message


def test_refuses_roles_beyond_those_of_the_party() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["operator", "customs"])
    error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
    assert (error.code, error.message) == ("key.role", "party/plant is not admitted as customs")


def test_refuses_a_key_on_the_chain_of_another_key() -> None:
    world, signer, other = World(), make_signer("new"), make_signer("other")
    item = f"key/{other.key.kid}"
    data = registration(world, signer, possession=world.possession(signer, item))
    assert refuse(world, world.sign("add_key", item, data, by="plant admin")).code == "key.auth"


def test_admin_of_another_party_cannot_use_this_name() -> None:
    world, signer = World(), make_signer("new")
    carrier = world.actors["carrier admin"]
    item = f"key/{signer.key.kid}"
    wire = sign_as(
        world,
        Actor(carrier.signer, "party/plant", carrier.auth),
        "add_key",
        item,
        registration(world, signer),
    )
    assert refuse(world, wire).code == "key.unknown"


def test_p256_station_key_registers_and_signs() -> None:
    world = World()
    signer = SoftwareSigner.from_private(ec.derive_private_key(7, ec.SECP256R1()))
    world.add_key("hardware", "plant", ["operator"], signer)
    core = world.core()
    event = world.add("receive", core, by="hardware")
    assert event.algorithm == "ES256"
    assert world.life(core) == "RECEIVED"


# Revocation and readmission


def revoke(world: World, name: str, by: str = "plant admin", **more: Any) -> None:
    kid = world.actors[name].signer.key.kid
    world.add("revoke_key", f"key/{kid}", more, by=by)


@pytest.mark.parametrize("by", ["plant admin", "root"])
def test_revoked_key_signs_no_more_and_its_earlier_events_stay(by: str) -> None:
    world = World()
    core = world.core("RECEIVED")
    revoke(world, "operator", by)
    assert world.life(core) == "RECEIVED"
    world.add("inspect", core, by="quality")
    error = refuse(world, world.sign("clean", core))
    assert error.code == "key.ended"
    assert world.events[-2].id in error.message


def test_compromise_is_dated_by_log_index() -> None:
    world = World()
    revoke(world, "operator", reason="compromised", compromised_since=7)
    state = world.replay.state(f"key/{make_signer('operator').key.kid}")
    assert isinstance(state, KeyState)
    assert (state.compromised_since, state.ended) == (7, world.events[-1].id)


def test_key_is_revoked_once_and_only_by_its_party_or_root() -> None:
    world = World()
    item = f"key/{make_signer('operator').key.kid}"
    assert refuse(world, world.sign("revoke_key", item, by="carrier admin")).code == "key.role"
    assert refuse(world, world.sign("revoke_key", item, by="operator")).code == "key.role"
    revoke(world, "operator")
    assert refuse(world, world.sign("revoke_key", item, by="plant admin")).code == "key.ended"


def test_revoked_key_cannot_be_registered_again() -> None:
    world = World()
    revoke(world, "operator")
    signer = make_signer("operator")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
    assert refuse(world, wire).code == "life.transition"


def test_readmission_ends_the_old_admin_key_and_narrows_roles() -> None:
    world = World()
    core, old = world.core(), world.actors["plant admin"]
    world.admit("plant", ("importer", "operator"), seed=" 2")
    signer = make_signer("new")
    item = f"key/{signer.key.kid}"
    wire = sign_as(world, old, "add_key", item, registration(world, signer))
    assert refuse(world, wire).code == "key.unknown"
    world.add("receive", core)  # the operator's key is still valid
    error = refuse(world, world.sign("inspect", core, by="quality"))
    assert error.code == "key.role"
    assert "the key has no role" in error.message
    world.add_key("new", "plant", ["operator"])
    data = registration(world, make_signer("newer"), roles=["quality"])
    item = f"key/{make_signer('newer').key.kid}"
    assert refuse(world, world.sign("add_key", item, data, by="plant admin")).code == "key.role"


def test_readmission_gives_station_keys_back_what_is_admitted_again() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.admit("plant", ("operator",), seed=" 2")
    world.admit("plant", ("operator", "quality"), seed=" 3")
    world.add("inspect", core, by="quality")


def test_readmission_changes_prefixes() -> None:
    world = World()
    world.admit("plant", ("importer",), prefixes=["8004/9521235"], seed=" 2")
    assert refuse(world, world.sign("import", "8004/9521234C900000", refs=())).code == "key.prefix"
    world.add("import", "8004/9521235C900000", refs=())


def test_key_without_a_remaining_role_cannot_even_correct() -> None:
    world = World()
    core = world.core()
    first = world.events[-1]
    world.admit("plant", ("operator",), seed=" 2")
    wire = world.sign(
        "correct", core, {"set_public": {"make": "GM"}}, by="importer",
        refs=(("target", core, first.id),),
    )  # fmt: skip
    error = refuse(world, wire)
    assert (error.code, error.message) == (
        "key.role",
        "correct requires any role of a station key; the key has no role",
    )


# Dismissal


def test_dismissal_ends_all_keys_of_a_party_and_what_they_signed_stays() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = world.events[-1]
    dismissed = world.dismiss("plant")
    assert world.life(unit) == "EXPORTED"
    for by in ("operator", "importer", "quality", "approver", "broker"):
        kind = {"quality": "hold", "approver": "recall", "operator": "move"}.get(by, "recall")
        error = refuse(world, world.sign(kind, unit, by=by))
        assert (error.code, error.message) == (
            "key.ended",
            f"party/plant was dismissed by event {dismissed.id}",
        )
    signer = make_signer("new")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
    assert refuse(world, wire).code == "key.ended"
    refs = (("target", unit, exported.id),)
    world.add("confirm", unit, by="carrier", refs=refs)  # others go on


def test_party_is_not_admitted_again_after_its_dismissal() -> None:
    world = World()
    world.dismiss("plant")
    signer = make_signer("plant admin 2")
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/plant")}
    assert refuse(world, world.sign("admit", "party/plant", data)).code == "key.ended"
    assert refuse(world, world.sign("dismiss", "party/plant")).code == "key.ended"


def test_party_that_was_never_admitted_is_not_dismissed() -> None:
    world = World()
    assert refuse(world, world.sign("dismiss", "party/nobody")).code == "life.transition"


def test_root_revokes_keys_of_a_dismissed_party() -> None:
    world = World()
    world.dismiss("plant")
    world.add("revoke_key", f"key/{make_signer('operator').key.kid}", by="root")


def test_keys_of_a_dismissed_party_cannot_be_registered_again() -> None:
    world = World()
    world.dismiss("plant")
    signer = make_signer("plant admin")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["carrier"])
    assert refuse(world, world.sign("add_key", item, data, by="carrier admin")).code == "key.reused"


# The root key


def test_old_root_hands_over_and_signs_no_more() -> None:
    world = World()
    event = world.rotate_root()
    ledger = world.replay.state("ledger")
    assert isinstance(ledger, LedgerState)
    assert (ledger.root_kid, ledger.authority) == (make_signer("second root").key.kid, event.id)
    wire = world.sign("set_policy", "policy", by="old root")
    assert refuse(world, wire).code == "key.unknown"
    world.add("set_policy", "policy")
    world.admit("new", ("carrier",))
    world.add("move", world.core("RECEIVED"))  # parties and keys that the old root granted stay


def test_new_root_names_its_rotation_event() -> None:
    world = World()
    found = world.actors["root"].auth
    world.rotate_root()
    actor = world.actors["root"]
    wire = sign_as(world, Actor(actor.signer, "ledger", found), "set_policy", "policy")
    assert refuse(world, wire).code == "key.auth"


def rotation(world: World, signer: SoftwareSigner, **changes: Any) -> dict[str, Any]:
    data = {"root_jwk": jwk(signer.key), "possession": world.possession(signer, "ledger")}
    return data | changes


def test_new_root_key_proves_itself_and_is_new() -> None:
    world, signer = World(), make_signer("second root")
    for name in ("root", "operator", "plant admin", "customs admin"):
        wire = world.sign("rotate_root", "ledger", rotation(world, make_signer(name)))
        assert refuse(world, wire).code == "key.reused"
    other = world.possession(make_signer("root"), "ledger")
    wire = world.sign("rotate_root", "ledger", rotation(world, signer, possession=other))
    assert refuse(world, wire).code == "key.possession"
    wire = world.sign("rotate_root", "ledger", rotation(world, signer, root_jwk=WEAK))
    assert refuse(world, wire).code == "key.weak"


@pytest.mark.parametrize("by", ["plant admin", "operator", "new"])
def test_only_the_root_hands_over(by: str) -> None:
    world, signer = World(), make_signer("second root")
    world.actors["new"] = Actor(signer, "ledger", world.actors["root"].auth)
    error = refuse(world, world.sign("rotate_root", "ledger", rotation(world, signer), by=by))
    assert error.code == ("key.unknown" if by == "new" else "key.role")


def test_root_key_that_was_replaced_is_granted_no_more() -> None:
    world = World()
    world.rotate_root()
    wire = world.sign("rotate_root", "ledger", rotation(world, make_signer("root")))
    assert refuse(world, wire).code == "key.reused"
    world.rotate_root("third root")
    for name in ("root", "second root", "third root"):
        signer = make_signer(name)
        item = f"key/{signer.key.kid}"
        wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
        assert refuse(world, wire).code == "key.reused"


def test_kid_is_granted_once_for_one_purpose() -> None:
    world = World()
    signer = make_signer("twice")
    world.add_key("twice", "plant", ["operator"], signer)
    wire = world.sign("rotate_root", "ledger", rotation(world, signer))
    assert refuse(world, wire).code == "key.reused"
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/new")}
    assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"
    world.add("revoke_key", f"key/{signer.key.kid}", by="root")
    assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"


# The version of the rules


def test_version_of_the_rules_only_rises() -> None:
    world = World()
    world.add("rules", "ledger", {"version": 3})
    for version in (2, 3):
        error = refuse(world, world.sign("rules", "ledger", {"version": version}))
        assert (error.code, error.message) == (
            "life.rules",
            f"rules {version} given, 3 are already in force",
        )
    world.add("rules", "ledger", {"version": 1000})
    ledger = world.replay.state("ledger")
    assert isinstance(ledger, LedgerState)
    assert ledger.rules == 1000


PROFILE = {"name_latin": "Plant Ltd.", "phone": "+86 23 5550 0100"}


def test_a_party_renews_its_profile_and_keeps_its_authority() -> None:
    """A new telephone number must not need the root key, nor end any key."""
    world = World()
    before = world.replay.state("party/plant")
    assert isinstance(before, PartyState)
    for data in (PROFILE, {"web": "https://plant.example/"}, {}):
        world.append(world.sign("profile", "party/plant", data))
    after = world.replay.state("party/plant")
    assert isinstance(after, PartyState)
    assert (after.authority, after.admin_kid) == (before.authority, before.admin_kid)
    assert after.seq == before.seq + 3
    world.core("ACCEPTED")


def test_no_party_writes_the_profile_of_another() -> None:
    """A competitor could lead buyers to its own telephone."""
    world = World()
    world.admit("rival", ("operator",))
    wire = world.sign("profile", "party/plant", PROFILE, by="rival admin")
    assert refuse(world, wire).code == "key.role"


@pytest.mark.parametrize(("by", "code"), [("root", "key.role"), ("operator", "key.role")])
def test_only_an_admin_key_signs_a_profile(by: str, code: str) -> None:
    world = World()
    assert refuse(world, world.sign("profile", "party/plant", PROFILE, by=by)).code == code


def test_a_profile_does_not_open_the_chain_of_a_party() -> None:
    world = World()
    wire = world.sign("profile", "party/new", PROFILE, by="plant admin")
    assert refuse(world, wire).code == "life.transition"


def test_a_profile_stays_on_the_chain_of_a_party() -> None:
    world = World()
    wire = world.sign("profile", "policy", PROFILE, by="plant admin")
    assert refuse(world, wire).code in {"life.transition", "life.chain", "key.unknown"}


def test_a_dismissed_party_has_no_more_say() -> None:
    world = World()
    world.dismiss("plant")
    wire = world.sign("profile", "party/plant", PROFILE, by="plant admin")
    assert refuse(world, wire).code == "key.ended"
