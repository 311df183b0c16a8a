"""Corners of the rules that no other case reaches: each is one condition of a verifier."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.passports import CUSTOMS, LOG, Log, change_wire, policy_text
from tests.vectors.case import (
    STRANGER,
    Case,
    ahead,
    decode_part,
    edited,
    incomplete,
    packed,
    raw_token,
    refused,
    unchecked,
    verified,
)
from tests.world import LINE_OUT, ORIGIN, Actor, World, jwk, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import (
    Note,
    NoteSigner,
    SignatureLine,
    add_signatures,
    format_note,
    parse_note,
)
from traceledger.formats.passport import Passport, format_passport
from traceledger.formats.trust import RetiredKey, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash

__all__ = ["corners"]


def corners() -> Iterator[Case]:
    """All of them."""
    yield from _policies()
    yield from _notes()
    yield from _two_logs()
    yield from _ml_dsa()
    yield from _numbers()
    yield from _foundings()
    yield from _keys()
    yield from _links()
    yield from _targets()
    yield from _depth()


def _policies() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    data, text = format_trust(log.trust()), policy_text()
    log_line = text.splitlines()[0]
    again = format_vkey(NoteSigner("other.example/log", LOG.signer).verifier)
    seal = format_vkey(NoteSigner("traceledger/seal/v1", STRANGER).verifier)
    form, key = "policy.form", "note.key"
    for name, desc, code, given in [
        ("log-without-key", "A log without its key.", form, text + "log\n"),
        ("log-with-words", "A log with two addresses.", form, text + f"{log_line} a b\n"),
        ("log-key-again", "The same key twice.", form, text + f"log {again}\n"),
        ("log-name-reserved", "A name that no log has.", form, text + f"log {seal}\n"),
        (
            "log-of-a-witness",
            "A witness's key.",
            form,
            text + _witness("").replace("witness ", "log", 1),
        ),
        ("witness-without-key", "A witness without its key.", form, text + "witness w\n"),
        ("witness-named-none", "none is no name.", form, text + _witness("none")),
        ("witness-named-again", "A name twice.", form, text + _witness("plain")),
        ("group-without-members", "A group of nobody.", form, text + "group g any\n"),
        ("group-of-a-stranger", "An unknown member.", form, text + "group g any w\n"),
        ("group-member-again", "In two groups.", form, text + "group g any plain\n"),
        ("group-of-too-many", "Three of two.", form, text.replace(" all ", " 3 ")),
        ("group-of-zero", "None of two.", form, text.replace(" all ", " 0 ")),
        ("group-number-padded", "02 of two.", form, text.replace(" all ", " 02 ")),
        (
            "quorum-of-a-stranger",
            "An unknown quorum.",
            form,
            text.replace("quorum both", "quorum w"),
        ),
        ("unknown-line", "A line of another kind.", form, text + "mirror m\n"),
        ("unended", "The last line does not end.", form, text[:-1]),
        ("carriage-return", "CR before LF.", form, text.replace("\n", "\r\n")),
        ("key-broken", "Broken base64.", key, text + "log a.example+00000000+A===\n"),
        (
            "key-short",
            "A key of 31 bytes.",
            "key.form",
            text + "log a.example+00000000+" + "A" * 43 + "=\n",
        ),
    ]:
        trust = _with_policy(data, given)
        yield unchecked(f"policy-{name}", desc, code, log, core, passport=b"{}", trust=trust)


def _with_policy(data: bytes, text: str) -> bytes:
    return edited(data, lambda document: document.update(policy=text))


def _witness(name: str) -> str:
    return f"witness {name} {format_vkey(replace(CUSTOMS, signer=STRANGER).verifier)}\n"


def _notes() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    passport = log.passport(core)
    note = passport.checkpoint
    text = parse_note(note).text
    checkpoint = parse_checkpoint(text)
    other = text.replace(ORIGIN.encode(), b"ledger.example/other")
    zero = text.replace(b"\n%d\n" % checkpoint.size, b"\n0\n")
    for name, desc, code, given in [
        ("no-blank-line", "No blank line.", "note.form", note.replace(b"\n\n", b"\n")),
        ("control", "A control character.", "note.form", note.replace(b"\n", b"\t\n", 1)),
        ("origin-other", "The log's key, another origin.", "note.signature", _signed(other)),
        ("empty-tree", "Size 0 with a root.", "checkpoint.form", _signed(zero)),
        ("size-padded", "A size with a zero.", "checkpoint.form", _signed(_padded(text))),
    ]:
        odd = replace(passport, checkpoint=given)
        yield refused(f"note-{name}", desc, code, log, core, passport=odd)


def _ml_dsa() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    passport = log.passport(core)
    line = SignatureLine("customs.example/pq", b"\x06key", bytes(2428))
    note = add_signatures(passport.checkpoint, [line])
    desc = "A line of type 0x06, ML-DSA-44, by a key that the policy does not name."
    given = replace(passport, checkpoint=note)
    yield verified("good-ml-dsa-line", desc, log, core, passport=given)


def _two_logs() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    passport = log.passport(core)
    other = NoteSigner("other.example/log", STRANGER)
    trust = log.trust(policy_text=policy_text() + f"log {format_vkey(other.verifier)}\n")
    text = parse_note(passport.checkpoint).text

    def signed(text: bytes) -> Passport:
        note = add_signatures(passport.checkpoint, [other.sign(text)])
        return replace(passport, checkpoint=note)

    both, false, code = signed(text), signed(b"another text\n"), "note.signature"
    desc = "Another log of the policy signed as well."
    yield verified("good-signed-by-another-log", desc, log, core, passport=both, trust=trust)
    desc, name = "A false line by another log of the policy.", "note-line-of-another-log"
    yield refused(name, desc, code, log, core, passport=false, trust=trust)
    until = (RetiredKey(format_vkey(LOG.verifier), 5, bytes(32)),)
    desc = "The log's key was replaced, and another log's does not stand in for it."
    name, trust = "log-key-replaced-another-log", replace(trust, until=until)
    yield refused(name, desc, code, log, core, passport=both, trust=trust)


def _signed(text: bytes) -> bytes:
    return format_note(Note(text, (LOG.sign(text),)))


def _padded(text: bytes) -> bytes:
    first, size, rest = text.split(b"\n", 2)
    return b"\n".join((first, b"0" + size, rest))


def _numbers() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    passport = log.passport(core)
    wire = passport.chains[0].events[0]
    token, disclosures = split_wire(wire)
    header, payload, _ = token.split(b".")
    for name, number in [("float", b"0.0"), ("exponent", b"0e0"), ("minus-zero", b"-0")]:
        plain = decode_part(payload).replace(b'"seq":0', b'"seq":' + number)
        odd = raw_token(decode_part(header), plain, make_signer("importer"))
        code = "encoding.canonical" if name == "minus-zero" else "encoding.json"
        given = change_wire(passport, core, 0, format_wire(odd, disclosures))
        at = (core, encode_base64url(leaf_hash(odd)))
        desc = "Zero, written in another way."
        yield refused(f"payload-{name}", desc, code, log, core, at, passport=given)


def _foundings() -> Iterator[Case]:
    """Ledgers of two events: one on the chain ledger and a core that the root opens."""
    core = "8004/9521234C000001"

    def ledger(  # noqa: PLR0917 - read as a row of a table
        name: str, desc: str, code: str, kind: str, data: dict[str, Any], auth: str = ""
    ) -> Case:
        log = Log(World())
        first = log.add(kind, "ledger", data, by="root", auth=auth, prev="", seq=0)
        del log.events[:-1], log.wires[:-1]
        log.add("import", core, by="root", auth=first.id)
        return refused(
            name, desc, code, log, core, ("ledger", first.id), trust=log.trust(customs=())
        )

    root, stranger = make_signer("root"), STRANGER
    world = World()
    good = {"root_jwk": jwk(root.key), "possession": world.possession(root, "ledger")}
    others = {"root_jwk": jwk(stranger.key), "possession": world.possession(stranger, "ledger")}
    lie = good | {"possession": world.possession(root, "party/plant")}
    auth, possession = "key.auth", "key.possession"
    yield ledger(
        "founded-by-another-key", "Signed by a key that it does not name.", auth, "found", others
    )
    yield ledger("founded-with-auth", "found rests on nothing.", auth, "found", good, "A" * 43)
    yield ledger("founded-without-possession", "For another chain.", possession, "found", lie)
    yield ledger("begins-without-found", "With rules.", "chain.prev", "rules", {"version": 2})


def _keys() -> Iterator[Case]:
    def recalled(name: str, desc: str, code: str, log: Log, item: str) -> Case:
        unit = "01/09521234543213/21/U0002"
        log.add("recall", unit, by="new")
        return refused(name, desc, code, log, unit, ahead(log, item))

    def add(log: Log, signer: Any, item: str, **given: Any) -> None:
        data = {"jwk": jwk(signer.key), "roles": ["approver"], "label": "new"}
        data["possession"] = log.world.possession(signer, item)
        event = log.add("add_key", item, data | given, by="plant admin")
        log.actors["new"] = Actor(signer, "party/plant", event.id)

    new = make_signer("new")
    item = f"key/{new.key.kid}"
    log, _, _ = packed()
    for _ in range(2):
        add(log, new, item)
    yield recalled("key-added-twice", "Twice on its chain.", "life.transition", log, item)
    log, _, _ = packed()
    add(log, new, item, jwk=jwk(STRANGER.key))
    yield recalled("key-on-another-chain", "Not its own chain.", "key.auth", log, item)
    mixed = Jwk(crv="P-256", kty="OKP", x=jwk(new.key)["x"])
    log, _, _ = packed()
    chain = f"key/{mixed.kid}"
    add(log, new, chain, jwk=jwk(mixed))
    log.actors["new"] = Actor(_Named(mixed), "party/plant", log.events[-1].id)
    yield recalled("key-of-mixed-type", "P-256, but OKP.", "key.form", log, chain)
    log, unit, _ = packed()
    for _ in range(2):
        log.add("dismiss", "party/plant", by="root")
    at = ahead(log, "party/plant")
    yield refused("party-dismissed-twice", "Once is enough.", "key.ended", log, unit, at)


@dataclass(frozen=True, slots=True)
class _Named:
    """Signs under a key's name; nobody comes to check its signature."""

    jwk: Any

    @property
    def key(self) -> Any:
        return self

    @property
    def kid(self) -> str:
        return str(self.jwk.kid)

    @property
    def algorithms(self) -> tuple[str, ...]:
        return ("ES256",)

    def sign(self, _message: bytes) -> bytes:
        return bytes(64)


def _links() -> Iterator[Case]:
    unit = "01/09521234543213/21/ATTACK"

    def cores() -> tuple[Log, str, str]:
        world = World()
        one, two = world.core("IN_PROCESS"), world.core("IN_PROCESS")
        return Log(world), one, two

    def bad(name: str, desc: str, kind: str, refs: Sequence[tuple[str, ...]], **data: Any) -> Case:
        log, one, _ = cores()
        item = unit if kind == "assemble" else one
        log.add(kind, item, data, by="operator", refs=refs)
        trust = log.trust()
        return refused(name, desc, "ref.form", log, item, ahead(log, item), trust=trust)

    log, one, two = cores()
    input_one, input_two = (("input", item, log.chain(item)[-1].id) for item in (one, two))
    named = ("primary", one, log.chain(one)[-1].id)
    twice = [input_one, input_one, ("primary", one)]
    yield bad("link-twice", "A core twice.", "assemble", twice, input_count=2)
    both = [input_one, input_two, named]
    yield bad("primary-names-event", "It names none.", "assemble", both, input_count=2)
    away = [input_one, ("primary", two)]
    yield bad("primary-is-no-input", "Another core.", "assemble", away, input_count=1)
    out = [("output", "x/component/1")]
    yield bad("output-count-false", "A false count.", "disassemble", out, output_count=2)
    yield bad("link-without-event", "It names one.", "consume", [("unit", unit)])
    log, one, _ = cores()
    used = log.add("consume", one, by="operator", refs=[("unit", unit, "A" * 43)])
    log.add("assemble", unit, by="operator", refs=[("input", one, used.id)])
    desc = "The consume names no event of the unit."
    yield refused("consumed-before", desc, "ref.join", log, unit, ahead(log, unit))
    log, one, _ = cores()
    log.add("assemble", unit, by="operator", refs=[("input", one, "A" * 43)])
    log.add("consume", one, by="operator", refs=[("unit", unit, log.chain(unit)[0].id)])
    desc = "The input names an event that the core does not have."
    yield refused("input-names-nothing", desc, "ref.event", log, unit, ahead(log, unit))


def _targets() -> Iterator[Case]:
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    line = ("declaration", LINE_OUT, log.chain(LINE_OUT)[0].id)
    export = log.add("export", unit, by="carrier", refs=[line])
    for name, desc, by, target, code in [
        ("confirmed-by-itself", "By the party that said it.", "carrier", export.id, "life.target"),
        ("confirmed-without-role", "By a recycler.", "recycler", export.id, "key.role"),
        ("confirmed-nothing", "No event of the chain.", "customs", "A" * 43, "life.target"),
    ]:
        log.add("confirm", unit, by=by, refs=[("target", unit, target)])
        yield refused(name, desc, code, log, unit, ahead(log, unit))
        log.events.pop(), log.wires.pop()
    data = {"set_public": {"batch": "x"}}
    packed_at = log.chain(unit)[3].id
    corrected = log.add("correct", unit, data, by="operator", refs=[("target", unit, packed_at)])
    log.add("correct", unit, data, by="operator", refs=[("target", unit, corrected.id)])
    desc = "A correction is not corrected."
    yield refused("corrected-a-correction", desc, "life.target", log, unit, ahead(log, unit))

    log, unit, _ = packed()
    hold = log.add("hold", unit, {"authority": "customs"}, by="customs")
    log.add("void", unit, by="customs", refs=[("target", unit, hold.id)])
    desc = "What customs signed is not taken back."
    yield refused("voided-what-customs-signed", desc, "life.void", log, unit, ahead(log, unit))
    log, unit, core = packed()
    log.add("void", unit, by="operator", refs=[("target", core, log.chain(unit)[-1].id)])
    desc = "The latest event, but under the id of the core."
    yield refused("voided-under-another-id", desc, "life.target", log, unit, ahead(log, unit))
    log, unit, _ = packed()
    polish = log.add("polish", unit, by="operator")
    log.add("correct", unit, data, by="operator", refs=[("target", unit, polish.id)])
    desc = "A correction of an event of an unknown kind."
    yield incomplete("corrected-unknown-kind", desc, ["event.kind"], log, unit)

    world = World()
    lot = world.lot("CLOSED")
    destroy = world.add("destroy", lot)
    log = Log(world)
    log.add("confirm", lot, by="importer", refs=[("target", lot, destroy.id)])
    trust = log.trust(items=("lot/",))
    desc = "The importer confirms without customs' receipt."
    code, name = "key.role", "destruction-without-receipt"
    yield refused(name, desc, code, log, lot, ahead(log, lot), trust=trust)
    log.events.pop(), log.wires.pop()
    receipt = {"receipt_sha256": "0" * 64}
    log.add("confirm", lot, receipt, by="importer", refs=[("target", lot, destroy.id)])
    desc = "The importer confirms with customs' receipt."
    yield verified("good-lot-destroyed-by-receipt", desc, log, lot, trust=trust)

    log, unit, _ = packed()
    passport = log.passport(unit)
    token, disclosures = split_wire(passport.chains[0].events[0])
    operator = make_signer("operator")
    for name, digests in [("empty", {}), ("text", "x"), ("short", {"mass": "A"})]:
        claims = json.loads(decode_part(token.split(b".")[1]))
        claims |= {"kind": "polish", "data": {"_sd": digests}}
        text = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode()
        odd = raw_token(decode_part(token.split(b".")[0]), text, operator)
        given = change_wire(passport, unit, 0, format_wire(odd, disclosures))
        at = (unit, encode_base64url(leaf_hash(odd)))
        desc = "An unknown kind whose _sd has another form."
        code = "event.field"
        yield refused(f"unknown-kind-digests-{name}", desc, code, log, unit, at, passport=given)


def _depth() -> Iterator[Case]:
    """Nine generations, shown by hand, because no builder shows them."""
    world = World()
    core = world.core("ACCEPTED")
    log = Log(world)
    item = core
    items = [core]
    for level in range(9):
        parent = ("parent", item, log.chain(item)[-1].id)
        item = f"x/component/{level}"
        items.append(item)
        log.add("harvest", item, by="operator", refs=[parent])
    shown = log.passport(items[8], extra=[item])
    first = next(chain for chain in shown.chains if chain.item == item)
    rest = [chain for chain in shown.chains if chain.item not in {item, "ledger"}]
    ledger = next(chain for chain in shown.chains if chain.item == "ledger")
    chains = (first, ledger, *sorted(rest, key=lambda chain: chain.item))
    data = format_passport(replace(shown, item=item, chains=chains))
    trust = log.trust(items=("x/component/",))
    desc = "Parts of parts, nine links deep."
    yield refused(
        "parts-too-deep", desc, "ref.depth", log, item, (item, ""), passport=data, trust=trust
    )
