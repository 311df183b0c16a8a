"""Events that were signed without the right to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.passports import Log
from tests.vectors.case import (
    STRANGER,
    Case,
    ahead,
    decode_part,
    edited,
    impostor,
    packed,
    raw_token,
    refused,
)
from tests.world import Actor, World, jwk, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import encode_base64url, format_canonical
from traceledger.events.keys import Jwk, Signer
from traceledger.formats.passport import format_passport

__all__ = ["rights"]


def rights() -> Iterator[Case]:
    """All of them."""
    yield from _roles()
    yield from _ended()
    yield from _order()
    yield from _registrations()
    yield from _weak_keys()


def _tested() -> tuple[Log, str]:
    world = World()
    unit = world.unit("TESTED")
    return Log(world), unit


def _key(log: Log, name: str) -> str:
    return f"key/{log.actors[name].signer.key.kid}"


def _admit(log: Log, party: str, roles: list[str], prefixes: list[str], **given: Any) -> None:
    signer = given.pop("signer", None) or make_signer(f"{party} second admin")
    item = f"party/{party}"
    data = {"name": party, "roles": roles, "prefixes": prefixes, "admin_jwk": jwk(signer.key)}
    data["possession"] = log.world.possession(signer, item)
    event = log.add("admit", item, data | given, by="root")
    log.actors[f"{party} admin"] = Actor(signer, item, event.id)


def _add_key(log: Log, name: str, roles: list[str], by: str = "plant admin", **given: Any) -> None:
    signer: Signer = given.pop("signer", None) or make_signer(name)
    item = given.pop("item", f"key/{signer.key.kid}")
    data = {"jwk": jwk(signer.key), "roles": roles, "label": name}
    data["possession"] = log.world.possession(signer, item)
    event = log.add("add_key", item, data | given, by=by)
    log.actors[name] = Actor(signer, log.actors[by].iss, event.id)


def _roles() -> Iterator[Case]:
    for by in ("operator", "plant admin", "root"):
        log, unit = _tested()
        log.add("approve", unit, by=by)
        name = f"role-wrong-{by.replace(' ', '-')}"
        yield refused(name, "A key without the role.", "key.role", log, unit, ahead(log, unit))
    log, unit = _tested()
    log.add("correct", unit, by="plant admin", refs=[("target", unit, log.chain(unit)[0].id)])
    desc = "Any role of a station key: an admin key has none."
    yield refused("role-of-admin-key", desc, "key.role", log, unit, ahead(log, unit))
    claimed: list[tuple[str, str, dict[str, Any], str]] = [
        ("authority-stolen", "auth names no event.", {"auth": "A" * 43}, "key.auth"),
        ("authority-missing", "No auth.", {"auth": ""}, "key.auth"),
        (
            "authority-of-another-party",
            "In another party's name.",
            {"iss": "party/carrier"},
            "key.unknown",
        ),
        ("authority-of-the-root", "In the ledger's name.", {"iss": "ledger"}, "key.unknown"),
    ]
    for name, desc, claims, code in claimed:
        log, unit = _tested()
        log.add("approve", unit, by="approver", **claims)
        yield refused(name, desc, code, log, unit, ahead(log, unit))
    log, unit = _tested()
    log.add("approve", unit, by="approver", auth=log.actors["operator"].auth)
    desc = "auth names another key's add_key."
    yield refused("authority-of-another-key", desc, "key.auth", log, unit, ahead(log, unit))

    log = Log(World())
    _admit(log, "plant", ["importer"], ["8004/9521234C9"])
    _add_key(log, "new importer", ["importer"])
    core = "8004/9521234C000077"
    log.add("import", core, by="new importer")
    desc = "An id outside the party's prefixes."
    yield refused("prefix-wrong", desc, "key.prefix", log, core, ahead(log, core))
    for kind in ("approve", "pack"):
        world = World()
        unit = world.unit("TESTED" if kind == "approve" else "APPROVED")
        log = Log(world)
        _admit(log, "carrier", ["approver", "operator"], [])
        _add_key(log, "other", ["approver" if kind == "approve" else "operator"], "carrier admin")
        log.add(kind, unit, by="other")
        desc = "By a party that did not assemble the unit."
        yield refused(f"maker-wrong-{kind}", desc, "key.maker", log, unit, ahead(log, unit))
    for kind, code, by in [("hold", "key.role", "quality"), ("release", "key.role", "quality")]:
        log, unit, _ = packed()
        refs = []
        if kind == "release":
            hold = log.add("hold", unit, {"authority": "customs"}, by="customs")
            refs = [("target", unit, hold.id)]
        log.add(kind, unit, {"authority": "customs"} if kind == "hold" else {}, by=by, refs=refs)
        desc = "In the name of an authority that the key is not."
        yield refused(f"authority-of-{kind}", desc, code, log, unit, ahead(log, unit))
    log, unit, _ = packed()
    recall = log.add("recall", unit, by="approver")
    log.add("release", unit, by="customs", refs=[("target", unit, recall.id)])
    desc = "A recall is released by another party than called it."
    yield refused("recall-released-by-another", desc, "key.role", log, unit, ahead(log, unit))
    log, unit, _ = packed()
    stranger = Actor(STRANGER, "ledger", log.events[0].id)
    log.actors["stranger"] = stranger
    log.add("polish", unit, by="stranger")
    desc = "An unknown kind by a key of nobody."
    yield refused("unknown-kind-by-nobody", desc, "key.unknown", log, unit, ahead(log, unit))
    log, unit, _ = packed()
    log.actors["stranger"] = stranger
    data = {"root_jwk": jwk(STRANGER.key), "possession": log.world.possession(STRANGER, unit)}
    log.add("found", unit, data, by="stranger", auth="")
    desc = "An event that brings its own root key."
    yield refused("found-on-a-unit", desc, "key.unknown", log, unit, ahead(log, unit))
    log, unit, _ = packed()
    log.actors["approver"] = impostor(log.actors["approver"])
    log.add("polish", unit, by="approver")
    desc = "An unknown kind with a false signature."
    yield refused("unknown-kind-forged", desc, "signature.false", log, unit, ahead(log, unit))


def _ended() -> Iterator[Case]:
    log, unit = _tested()
    log.add("revoke_key", _key(log, "approver"), by="plant admin")
    log.add("approve", unit, by="approver")
    desc = "The key was revoked before."
    yield refused("key-revoked-before", desc, "key.ended", log, unit, ahead(log, unit))
    log, unit = _tested()
    log.add("dismiss", "party/plant", by="root")
    log.add("approve", unit, by="approver")
    desc = "The party was dismissed before."
    yield refused("party-dismissed-before", desc, "key.ended", log, unit, ahead(log, unit))
    log, unit = _tested()
    _admit(log, "plant", ["operator", "quality"], ["01/0952123"])
    log.add("approve", unit, by="approver")
    desc = "The party lost the role when it was admitted again."
    yield refused("role-taken-away", desc, "key.role", log, unit, ahead(log, unit))
    log, unit = _tested()
    old = log.actors["plant admin"]
    _admit(log, "plant", ["operator", "approver"], ["01/0952123"])
    log.actors["plant admin"] = old
    _add_key(log, "new approver", ["approver"])
    log.add("approve", unit, by="new approver")
    at = ahead(log, _key(log, "new approver"))
    desc = "A key added by the admin key that was replaced."
    yield refused("admin-key-replaced", desc, "key.unknown", log, unit, at)
    log, unit = _tested()
    signer = make_signer("second root")
    data = {"root_jwk": jwk(signer.key), "possession": log.world.possession(signer, "ledger")}
    log.add("rotate_root", "ledger", data, by="root")
    log.add("revoke_key", _key(log, "quality"), by="root")
    at = ahead(log, _key(log, "quality"))
    desc = "By the root key that was replaced."
    yield refused("root-key-replaced", desc, "key.unknown", log, unit, at)
    log, unit = _tested()
    for _ in range(2):
        log.add("revoke_key", _key(log, "quality"), by="root")
    at = ahead(log, _key(log, "quality"))
    yield refused("key-revoked-twice", "A key is revoked once.", "key.ended", log, unit, at)
    log, unit = _tested()
    log.add("revoke_key", _key(log, "quality"), by="carrier admin")
    at = ahead(log, _key(log, "quality"))
    desc = "By another party's admin key."
    yield refused("key-revoked-by-another", desc, "key.role", log, unit, at)


def _order() -> Iterator[Case]:
    log, unit, _ = packed()
    log.add("revoke_key", _key(log, "approver"), by="plant admin")
    passport = log.passport(unit)
    data = format_passport(passport)
    approved, revoked = log.chain(unit)[2].id, ahead(log, _key(log, "approver"))
    place = (unit, approved)
    for name, desc, code, at, change in [
        ("order-empty", "No position.", "passport.order", place, lambda o: o.clear()),
        (
            "order-lacks-the-revocation",
            "One is missing.",
            "passport.order",
            revoked,
            lambda o: o.pop(),
        ),
        (
            "order-other-index",
            "Another index.",
            "merkle.proof",
            revoked,
            lambda o: o[1].update(index=o[1]["index"] + 1),
        ),
        (
            "order-beyond-the-tree",
            "An index beyond the tree.",
            "merkle.proof",
            revoked,
            lambda o: o[1].update(index=4_000),
        ),
        (
            "order-proof-short",
            "A proof cut short.",
            "merkle.proof",
            place,
            lambda o: o[0].update(proof=o[0]["proof"][1:]),
        ),
        (
            "order-of-nothing",
            "A position of no event.",
            "passport.order",
            ("", ""),
            lambda o: o[0].update(event="A" * 43),
        ),
        (
            "order-one-event-twice",
            "One event twice.",
            "passport.order",
            ("", ""),
            lambda o: o[0].update(event=o[1]["event"]),
        ),
        ("order-reversed", "Descending.", "passport.form", ("", ""), lambda o: o.reverse()),
    ]:
        odd = _reordered(data, change)
        yield refused(name, desc, code, log, unit, at, passport=odd)
    entries = passport.order
    other = World()
    core = other.core()
    plain = Log(other)
    extra = replace(plain.passport(core), order=entries[:1])
    desc = "A position that nothing needs."
    yield refused("order-needless", desc, "passport.order", plain, core, passport=extra)
    log, unit = _tested()
    log.add("recall", unit, {"campaign": "RC-1"}, by="approver")
    log.add("recall", unit, {"campaign": "RC-2"}, by="approver")
    log.add("revoke_key", _key(log, "approver"), by="plant admin")
    chain, head = log.passport(unit).chains[0], log.chain(unit)[-1]
    log.events[-3:-1] = log.events[-2:-4:-1]
    log.wires[-3:-1] = log.wires[-2:-4:-1]
    swapped = log.passport(unit, heads={unit: (head.payload.seq, head.leaf)})
    shown = replace(
        swapped, chains=(replace(chain, map_proof=swapped.chains[0].map_proof), *swapped.chains[1:])
    )
    desc = "The log holds two events of a chain in another order than the chain."
    yield refused(
        "order-against-the-chain",
        desc,
        "passport.order",
        log,
        unit,
        (unit, head.id),
        passport=shown,
    )


def _reordered(data: bytes, change: Callable[[list[Any]], object]) -> bytes:
    return edited(data, lambda document: change(document["order"]))


def _registrations() -> Iterator[Case]:
    def used(  # noqa: PLR0917 - read as a row of a table
        name: str, desc: str, code: str, log: Log, unit: str, by: str
    ) -> Case:
        log.add("recall", unit, by=by)
        return refused(name, desc, code, log, unit, ahead(log, _key(log, by)))

    log, unit = _tested()
    signer = make_signer("new approver")
    item = f"key/{signer.key.kid}"
    lie = log.world.possession(make_signer("somebody"), item)
    _add_key(log, "new approver", ["approver"], possession=lie)
    desc = "Nobody proved to hold the key."
    yield used("key-without-possession", desc, "key.possession", log, unit, "new approver")
    log, unit = _tested()
    _add_key(log, "own customs", ["customs"])
    desc = "A role that the party was not admitted for."
    yield used("key-with-foreign-role", desc, "key.role", log, unit, "own customs")
    log, unit = _tested()
    _add_key(log, "both", ["quality", "approver"])
    desc = "Quality and approver in one key."
    yield used("key-tester-and-approver", desc, "key.role", log, unit, "both")
    log, unit = _tested()
    _admit(log, "carrier", ["approver"], [], signer=log.actors["approver"].signer)
    _add_key(log, "other", ["approver"], "carrier admin")
    item = _key(log, "approver")
    log.add("approve", unit, by="approver")
    log.add("recall", unit, by="other")
    at = (item, log.chain(item)[0].id)
    desc = "A station key of one party is the admin key of another."
    yield refused("key-granted-twice", desc, "key.reused", log, unit, at)
    log, unit = _tested()
    log.actors["root"] = log.actors["carrier admin"]
    _admit(log, "plant", ["operator"], [])
    at = ahead(log, "party/plant")
    desc = "An admission that the root did not sign."
    yield refused("admitted-by-another", desc, "key.role", log, unit, at)
    log, unit = _tested()
    log.add("dismiss", "party/plant", by="root")
    _admit(log, "plant", ["operator"], [])
    at = ahead(log, "party/plant")
    desc = "A dismissed party is admitted again."
    yield refused("party-comes-back", desc, "key.ended", log, unit, at)
    log, unit = _tested()
    log.add("set_policy", "party/plant", by="root")
    at = ahead(log, "party/plant")
    desc = "A kind that does not belong on a party's chain."
    yield refused("kind-on-a-party", desc, "life.chain", log, unit, at)
    log, unit = _tested()
    root = log.actors["root"].signer
    data = {"root_jwk": jwk(root.key), "possession": log.world.possession(root, "ledger")}
    log.add("found", "ledger", data, by="root", auth="", prev="")
    yield refused("founded-twice", "found twice.", "chain.prev", log, unit, ahead(log, "ledger"))


@dataclass(frozen=True, slots=True)
class _WeakKey:
    """Whoever knows the key can sign with it: the constant signature (R = 1, S = 0)."""

    kid: str
    jwk: Jwk

    def sign(self, _message: bytes) -> bytes:
        return bytes([1]) + bytes(63)


def _weak_keys() -> Iterator[Case]:
    """Registrations that some libraries verify, whatever was signed."""
    for name, raw in [
        ("key-small-order-1", bytes([1]) + bytes(31)),
        ("key-small-order-0", bytes(32)),
        ("key-small-order-sign", bytes([1]) + bytes(30) + bytes([0x80])),
        ("key-small-order-minus-1", (2**255 - 20).to_bytes(32, "little")),
        (
            "key-small-order-8",
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        ),
        ("key-not-canonical", (2**255 - 19 + 3).to_bytes(32, "little")),
        ("key-not-canonical-1", (2**255 - 18).to_bytes(32, "little")),
    ]:
        log, unit = _tested()
        key = Jwk(crv="Ed25519", kty="OKP", x=encode_base64url(raw))
        weak = _WeakKey(key.kid, key)
        item = f"key/{key.kid}"
        possession = encode_base64url(weak.sign(b""))
        data = {"jwk": jwk(key), "roles": ["approver"], "possession": possession, "label": "x"}
        added = log.add("add_key", item, data, by="plant admin")
        _sign_weakly(log, unit, weak, added.id)
        desc = "A key under which one signature holds for many messages."
        yield refused(name, desc, "key.weak", log, unit, (item, added.id))
    log, unit = _tested()
    _add_key(
        log,
        "hardware",
        ["approver"],
        jwk={"crv": "P-256", "kty": "EC", "x": "A" * 43, "y": "A" * 43},
        item="key/" + Jwk(crv="P-256", kty="EC", x="A" * 43, y="A" * 43).kid,
    )
    item = log.events[-1].payload.sub
    key = Jwk(crv="P-256", kty="EC", x="A" * 43, y="A" * 43)
    _sign_weakly(log, unit, _WeakKey(key.kid, key), log.events[-1].id)
    desc = "A point that is not on the curve P-256."
    yield refused("key-off-the-curve", desc, "key.form", log, unit, (item, log.chain(item)[0].id))
    log, unit = _tested()
    log.add("recall", unit, by="approver")
    token, _ = split_wire(log.wires[-1])
    approver = log.actors["approver"].signer
    header = {"alg": "ES256", "kid": approver.key.kid, "typ": "tl-event+jwt"}
    payload = token.split(b".")[1]
    log.events.pop(), log.wires.pop()
    log.append(format_wire(raw_token(format_canonical(header), decode_part(payload), approver), ()))
    desc = "An algorithm that is not the registered key's."
    yield refused("algorithm-of-another-key", desc, "signature.false", log, unit, ahead(log, unit))


def _sign_weakly(log: Log, unit: str, weak: _WeakKey, auth: str) -> None:
    """A recall signed by the weak key."""
    log.add("recall", unit, by="approver")
    token, _ = split_wire(log.wires.pop())
    log.events.pop()
    claims = _claims(token) | {"auth": auth}
    header = {"alg": "Ed25519", "kid": weak.kid, "typ": "tl-event+jwt"}
    log.append(format_wire(raw_token(format_canonical(header), format_canonical(claims), weak), ()))


def _claims(token: bytes) -> dict[str, Any]:
    """The claims of a token."""
    claims: dict[str, Any] = json.loads(decode_part(token.split(b".")[1]))
    return claims
