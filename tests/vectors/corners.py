"""Corners of the rules that no other case reaches: each is one condition of a verifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.passports import CUSTOMS, LOG, Log, change_wire, policy_text
from tests.vectors.case import (
    STRANGER,
    Case,
    ahead,
    decode_part,
    edited,
    packed,
    raw_token,
    refused,
)
from tests.world import ORIGIN, Actor, World, jwk, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import Note, NoteSigner, format_note, parse_note
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash

__all__ = ["corners"]


def corners() -> Iterator[Case]:
    """All of them."""
    yield from _policies()
    yield from _notes()
    yield from _numbers()
    yield from _foundings()
    yield from _keys()
    yield from _links()
    yield from _depth()


def _policies() -> Iterator[Case]:
    world = World()
    core = world.core()
    log = Log(world)
    data, text = format_trust(log.trust()), policy_text()
    log_line, _, customs, *_ = text.splitlines(keepends=True)
    again = format_vkey(NoteSigner("other.example/log", LOG.signer).verifier)
    seal = format_vkey(NoteSigner("traceledger/seal/v1", STRANGER).verifier)
    form, key = "policy.form", "note.key"
    for name, desc, code, given in [
        ("log-without-key", "A log without its key.", form, text + "log\n"),
        ("log-with-words", "A log with two addresses.", form, text + f"{log_line.rstrip()} a b\n"),
        ("log-key-again", "The same key twice.", form, text + f"log {again}\n"),
        ("log-name-reserved", "A name that no log has.", form, text + f"log {seal}\n"),
        ("log-of-a-witness", "A witness's key.", form, text + f"log {customs.split()[2]}\n"),
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
        yield refused(f"policy-{name}", desc, code, log, core, trust=trust)


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
    log, unit, _ = packed()
    for _ in range(2):
        log.add("dismiss", "party/plant", by="root")
    at = ahead(log, "party/plant")
    yield refused("party-dismissed-twice", "Once is enough.", "key.ended", log, unit, at)


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
