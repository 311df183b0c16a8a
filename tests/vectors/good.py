"""Passports that are verified: one of each shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.passports import NOW, PLAIN, Log, change_wire
from tests.vectors.case import Case, decode_part, packed, raw_token, verified
from tests.world import BOOK, World, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.keys import PublicKey, SoftwareSigner
from traceledger.formats.trust import RetiredKey
from traceledger.formats.vkey import format_vkey

__all__ = ["good"]

ALL = ("01/0952123", "8004/9521234", "decl/", "book/", "lot/", "x/")


def good() -> Iterator[Case]:
    """All of them."""
    yield from _states()
    yield from _marks()
    yield from _rights()
    yield from _witnesses()


def _states() -> Iterator[Case]:
    for chain, state in [
        ("core", "DECLARED"),
        ("core", "RETURNED"),
        ("core", "DISASSEMBLED"),
        ("core", "DIVERTED"),
        ("component", "AVAILABLE"),
        ("component", "SCRAPPED"),
        ("unit", "FAILED"),
        ("unit", "EXPORTED"),
        ("unit", "REIMPORTED"),
        ("lot", "DESTROYED"),
        ("declaration", "CLOSED"),
    ]:
        world = World()
        item = world.thing(chain, state)
        name, desc = f"good-{chain}-{state.lower()}", f"A {chain} that is {state}."
        log = Log(world)
        yield verified(name, desc, log, item, trust=log.trust(items=ALL))
    log = Log(World())
    yield verified("good-book", "An account book.", log, BOOK, trust=log.trust(items=ALL))

    world = World()
    unit = world.unit("EXPORTED", (world.core("IN_PROCESS"), world.core("ACCEPTED")))
    yield verified("good-unit-of-two-cores", "One of two inputs is primary.", Log(world), unit)
    world = World()
    unit = world.unit("PACKED", (world.core("IN_PROCESS"), world.component()))
    desc = "A unit of a core and of a component that was taken out of another core."
    yield verified("good-unit-with-component", desc, Log(world), unit)
    world = World()
    core = world.core("ACCEPTED", parent=world.unit("REIMPORTED"))
    yield verified("good-second-life", "A core that was a unit before.", Log(world), core)
    world = World()
    unit = world.unit("PACKED", (world.core("ACCEPTED", parent=world.unit("REIMPORTED")),))
    yield verified("good-second-life-unit", "A unit whose core was a unit.", Log(world), unit)
    world = World()
    unit = world.unit("FAILED")
    world.add("repair", unit)
    for kind in ("test", "approve", "pack"):
        world.add(kind, unit)
    yield verified("good-unit-reworked", "Failed, repaired, tested again.", Log(world), unit)
    world = World()
    unit = world.unit("PACKED")
    world.add("void", unit)
    yield verified("good-unit-voided-pack", "Packing was taken back.", Log(world), unit)
    world = World()
    core = world.core("RECEIVED")
    world.add("divert", core)
    yield verified("good-core-pending", "A diversion that nobody confirmed.", Log(world), core)
    world.confirm(core, result="refused")
    yield verified("good-core-diversion-refused", "Customs refused it.", Log(world), core)
    world = World()
    unit = "x/unit/7"
    world.admit("plant", ("operator", "importer"), ["x/", "8004/", "lot/"], seed=" again")
    world.assemble(unit, (world.core("IN_PROCESS"),))
    log = Log(world)
    desc = "A unit without a GS1 prefix; its party was admitted again before."
    yield verified("good-unit-without-gs1", desc, log, unit, trust=log.trust(items=ALL))


def _marks() -> Iterator[Case]:
    log, unit, core = packed()
    recall = log.add("recall", unit, by="approver")
    yield verified("good-unit-recalled", "A recall is shown, not refused.", log, unit)
    target = ("target", unit, recall.id)
    fields = {"set_public": {"contact": "new desk", "severity": "low", "campaign": "RC-2"}}
    log.add("correct", unit, fields, by="approver", refs=[target])
    yield verified("good-unit-recall-corrected", "The recall was corrected.", log, unit)
    fields = {"set_public": {"contact": "newest desk"}}
    newest = log.add("correct", unit, fields, by="approver", refs=[target])
    yield verified("good-unit-recall-corrected-twice", "The last correction wins.", log, unit)
    log.add("void", unit, by="approver", refs=[("target", unit, newest.id)])
    yield verified("good-unit-recall-correction-voided", "The first correction counts.", log, unit)
    log.add("release", unit, by="approver", refs=[("target", unit, recall.id)])
    yield verified("good-unit-recall-released", "A recall was released.", log, unit)
    log, unit, core = packed()
    log.add("hold", core, {"authority": "quality"}, by="quality")
    log.add("hold", unit, {"authority": "customs"}, by="customs")
    yield verified("good-unit-held", "Holds on the unit and on its core.", log, unit)
    yield verified("good-core-held", "The core alone.", log, core)
    log, unit, core = packed()
    target = ("target", unit, log.chain(unit)[3].id)
    log.add("correct", unit, {"set_public": {"batch": "2025-05"}}, by="operator", refs=[target])
    yield verified("good-unit-corrected", "A public field was corrected.", log, unit)

    world = World()
    unit = world.unit("EXPORTED")
    log = Log(world)
    target = ("target", unit, log.chain(unit)[-1].id)
    log.add("confirm", unit, by="carrier", refs=[target])
    yield verified("good-export-confirmed-by-carrier", "Asserted only.", log, unit)
    log.add("confirm", unit, by="customs", refs=[target])
    yield verified("good-export-attested", "Customs confirmed the export.", log, unit)
    log.add("confirm", unit, {"result": "refused"}, by="customs", refs=[target])
    yield verified("good-attestation-taken-back", "Customs refused it later.", log, unit)

    log, unit, core = packed()
    passport = log.passport(unit)
    token, _ = split_wire(passport.chains[0].events[0])
    bare = change_wire(passport, unit, 0, format_wire(token, ()))
    yield verified("good-field-withheld", "A disclosure is left out.", log, unit, passport=bare)
    first = log.chain(core)[0]
    log.add("erase", core, {"fields": ["net_kg"]}, by="importer", refs=[("target", core, first.id)])
    passport = log.passport(core)
    token, _ = split_wire(passport.chains[0].events[0])
    bare = change_wire(passport, core, 0, format_wire(token, ()))
    desc = "A field was erased, another is withheld."
    yield verified("good-field-erased", desc, log, core, passport=bare)


def _rights() -> Iterator[Case]:
    log, unit, _ = packed()
    key = f"key/{log.actors['approver'].signer.key.kid}"
    log.add("revoke_key", key, by="plant admin")
    desc = "Its key was revoked later: positions are proven."
    yield verified("good-key-revoked-later", desc, log, unit)
    log, unit, _ = packed()
    data = {"reason": "compromised", "compromised_since": len(log.events) - 2}
    log.add("revoke_key", key, data, by="root")
    desc = "The approval came after the key was compromised: disputed."
    yield verified("good-key-compromised", desc, log, unit)
    log, unit, _ = packed()
    log.add("dismiss", "party/plant", by="root")
    yield verified("good-party-dismissed-later", "The maker was dismissed later.", log, unit)
    world = World()
    unit = world.unit("TESTED")
    world.admit("plant", ("operator", "approver"), seed=" again")
    world.add("approve", unit)
    yield verified(
        "good-party-admitted-again", "Keys go on under a new admission.", Log(world), unit
    )
    world = World()
    unit = world.unit("TESTED")
    world.rotate_root()
    world.admit("plant", ("operator", "approver"), seed=" again")
    world.add("approve", unit)
    yield verified("good-root-rotated", "The ledger has a second root key.", Log(world), unit)

    world = World()
    unit = world.unit("TESTED")
    world.add_key("hardware", "plant", ["approver"], _Hardware.make())
    world.add("approve", unit, by="hardware")
    yield verified("good-p256-key", "A P-256 key signs.", Log(world), unit)
    world = World()
    core = world.core()
    log = Log(world)
    token, disclosures = split_wire(log.wires[-1])
    operator = make_signer("importer")
    older = raw_token(_header("EdDSA", operator.key), _payload(token), operator)
    log.events.pop(), log.wires.pop()
    log.append(format_wire(older, disclosures))
    yield verified("good-older-algorithm-name", "EdDSA instead of Ed25519.", log, core)


def _witnesses() -> Iterator[Case]:
    log, unit, _ = packed()
    late = log.passport(unit, times=(NOW + 300, NOW + 300))
    desc = "Cosignatures up to five minutes ahead count."
    yield verified("good-cosigned-ahead", desc, log, unit, passport=late)
    old = log.passport(unit, times=(NOW - 86_400, NOW))
    yield verified("good-as-old-as-allowed", "Exactly max_age.", log, unit, passport=old)
    retired = RetiredKey(format_vkey(PLAIN.verifier), 5, bytes(32))
    trust = log.trust(until=(retired,), quorum="customs")
    desc = "A witness that is not asked for was replaced."
    yield verified("good-witness-replaced", desc, log, unit, trust=trust)
    any_of = (
        log.trust()
        .policy_text.replace("group both all", "group both any")
        .replace(format_vkey(PLAIN.verifier), format_vkey(replace(PLAIN, name="w/x").verifier))
    )
    lone = log.passport(unit, times=(0, NOW - 5))
    trust = log.trust(policy_text=any_of)
    yield verified(
        "good-one-of-two", "One of two is enough.", log, unit, passport=lone, trust=trust
    )


@dataclass(frozen=True, slots=True)
class _Hardware:
    """A P-256 key that signs the same message alike every time (RFC 6979)."""

    key: PublicKey
    private: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls) -> _Hardware:
        private = ec.derive_private_key(7, ec.SECP256R1())
        return cls(SoftwareSigner.from_private(private).key, private)

    def sign(self, message: bytes) -> bytes:
        way = ec.ECDSA(SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self.private.sign(message, way))
        return r.to_bytes(32) + s.to_bytes(32)


def _header(algorithm: str, key: PublicKey) -> bytes:
    return f'{{"alg":"{algorithm}","kid":"{key.kid}","typ":"tl-event+jwt"}}'.encode()


def _payload(token: bytes) -> bytes:
    return decode_part(token.split(b".")[1])
