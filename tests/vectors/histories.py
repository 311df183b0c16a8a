"""Histories that were cut, swapped, hidden or taken from elsewhere, and logs that lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.passports import CUSTOMS, LOG, NOW, change_chain, change_wire
from tests.vectors.case import STRANGER, Case, ahead, impostor, packed, refused, verified
from tests.world import ORIGIN
from traceledger.events.disclosure import split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from traceledger.formats.cosignature import cosign
from traceledger.formats.note import (
    Note,
    NoteSigner,
    add_signatures,
    format_note,
    format_signatures,
    parse_note,
)
from traceledger.formats.passport import Passport, PassportChain
from traceledger.formats.seal import format_seal, parse_seal
from traceledger.formats.trust import RetiredKey
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash

__all__ = ["histories"]


def histories() -> Iterator[Case]:
    """All of them."""
    yield from _notes()
    yield from _seals()
    yield from _hidden()
    yield from _places()
    yield from _chains()


def _part(passport: Passport, item: str) -> PassportChain:
    return next(chain for chain in passport.chains if chain.item == item)


def _notes() -> Iterator[Case]:
    log, unit, _ = packed()
    passport = log.passport(unit)
    note = parse_note(passport.checkpoint)
    checkpoint = parse_checkpoint(note.text)
    signature, form = "note.signature", "note.form"

    def bad(name: str, desc: str, code: str, given: bytes) -> Case:
        return refused(name, desc, code, log, unit, passport=replace(passport, checkpoint=given))

    def signed(name: str, signer: NoteSigner, desc: str) -> Case:
        return bad(name, desc, signature, sign_checkpoint(checkpoint, [signer]))

    yield signed("note-by-a-stranger", NoteSigner(ORIGIN, STRANGER), "Signed by another key.")
    desc = "Signed in the log's name by a witness's key."
    yield signed("note-by-a-witness", NoteSigner(ORIGIN, CUSTOMS.signer), desc)
    lines = passport.checkpoint.splitlines(keepends=True)
    yield bad(
        "note-without-the-log", "Only witnesses signed.", signature, b"".join(lines[:4] + lines[5:])
    )
    false = passport.checkpoint.replace(
        b"\n%d\n" % checkpoint.size, b"\n%d\n" % (checkpoint.size + 1)
    )
    yield bad("note-other-size", "The size was changed.", signature, false)
    later = b"".join([*lines[:5], cosign(note.text, NOW, CUSTOMS).name.encode(), b"\n"])
    yield bad("note-line-broken", "A line without a signature.", form, later)
    yield bad("note-line-twice", "A signature line twice.", form, passport.checkpoint + lines[-1])
    yield bad("note-without-lines", "No signature line.", form, note.text + b"\n")
    line = NoteSigner("w.example", STRANGER).sign(note.text)
    extra = replace(passport, checkpoint=add_signatures(passport.checkpoint, [line]))
    desc = "A line by a key that the policy does not name is ignored."
    yield verified("note-line-unknown", desc, log, unit, passport=extra)
    false = format_signatures([line._replace(signature=bytes(64))] * 2)
    extra = replace(passport, checkpoint=passport.checkpoint + false)
    desc = "Two lines by one key that the policy does not name, both false."
    yield verified("note-line-unknown-twice", desc, log, unit, passport=extra)
    huge = sign_checkpoint(Checkpoint(ORIGIN, 2**53, bytes(32)), [LOG])
    yield bad("checkpoint-too-large", "A size beyond 2^53 - 1.", "checkpoint.form", huge)
    forged = cosign(note.text, NOW, replace(CUSTOMS, signer=STRANGER))
    line = forged._replace(key_id=CUSTOMS.verifier.key_id)
    first = add_signatures(sign_checkpoint(checkpoint, [LOG]), [line])
    yield bad("cosignature-forged", "A witness's line by another key.", signature, first)
    good = cosign(note.text, NOW, CUSTOMS)
    moved = good._replace(signature=(NOW + 50).to_bytes(8) + good.signature[8:])
    first = add_signatures(sign_checkpoint(checkpoint, [LOG]), [moved])
    yield bad("cosignature-other-time", "Its time was changed.", signature, first)
    short = good._replace(signature=good.signature[8:])
    first = add_signatures(sign_checkpoint(checkpoint, [LOG]), [short])
    yield bad("cosignature-without-time", "64 bytes.", "cosignature.form", first)
    retired = RetiredKey(format_vkey(LOG.verifier), 5, bytes(32))
    desc = "Only a key that was replaced signed for the log."
    yield refused("log-key-replaced", desc, signature, log, unit, trust=log.trust(until=(retired,)))
    other = sign_checkpoint(
        Checkpoint("w.example/log", checkpoint.size, checkpoint.root),
        [NoteSigner("w.example/log", STRANGER)],
    )
    yield bad("checkpoint-of-another-log", "Another log's checkpoint.", signature, other)
    text = note.text + b"extension\n"
    extended = format_note(Note(text, (LOG.sign(text),)))
    yield bad("checkpoint-extended", "A line more.", "checkpoint.form", extended)


def _seals() -> Iterator[Case]:
    log, unit, core = packed()
    passport = log.passport(unit)
    seal = parse_seal(passport.seal)

    def bad(name: str, desc: str, code: str, given: Passport) -> Case:
        return refused(name, desc, code, log, unit, passport=given)

    desc = "A forged seal with another map root."
    forged = format_seal(replace(seal, map_root=bytes(32)))
    yield bad("seal-forged", desc, "merkle.proof", replace(passport, seal=forged))
    shifted = format_seal(replace(seal, index=seal.index - 1))
    yield bad(
        "seal-of-another-place", "Another index.", "seal.last", replace(passport, seal=shifted)
    )
    yield bad(
        "seal-cut", "One line only.", "seal.form", replace(passport, seal=b"traceledger/seal/v1\n")
    )
    short = replace(passport, seal_proof=passport.seal_proof[:-1])
    yield bad("seal-proof-short", "The last hash is missing.", "merkle.proof", short)
    long = replace(passport, seal_proof=(*passport.seal_proof, bytes(32)))
    yield bad("seal-proof-long", "A hash too many.", "merkle.proof", long)
    bare = sign_checkpoint(Checkpoint(ORIGIN, len(log.events), bytes(32)), [LOG])
    desc = "A checkpoint that ends before the seal."
    yield bad("checkpoint-unsealed", desc, "seal.last", replace(passport, checkpoint=bare))
    log.add("recall", unit, by="approver")
    newer = log.passport(unit)
    desc = "An older seal, from before a recall, under a newer checkpoint."
    yield bad("seal-older", desc, "seal.last", replace(passport, checkpoint=newer.checkpoint))
    head = log.chain(core)[-1]
    proof = _part(newer, core).map_proof
    swapped = change_chain(newer, unit, map_proof=proof)
    code = "map.proof"
    at = ahead(log, unit)
    yield refused(
        "map-proof-of-another", "Another's map proof.", code, log, unit, at, passport=swapped
    )
    cut = change_chain(newer, core, map_proof=proof[1:])
    at = (core, head.id)
    yield refused("map-proof-short", "A map proof cut short.", code, log, unit, at, passport=cut)


def _hidden() -> Iterator[Case]:
    log, unit, core = packed()
    log.add("recall", unit, by="approver")
    passport = log.passport(unit)
    code = "map.proof"
    for count in (1, 2):
        events = _part(passport, unit).events[:-count]
        at = (unit, log.chain(unit)[-count - 1].id)
        name, desc = f"hidden-last-{count}", "The latest events are left out, a recall among them."
        cut = change_chain(passport, unit, events=events)
        yield refused(name, desc, code, log, unit, at, passport=cut)
    at = (unit, log.chain(unit)[-1].id)
    events = _part(passport, unit).events
    middle = change_chain(passport, unit, events=events[:2] + events[3:])
    yield refused("hidden-in-between", "A test is left out.", code, log, unit, at, passport=middle)
    log, unit, core = packed()
    log.add("recall", core, by="importer")
    passport = log.passport(unit)
    cut = change_chain(passport, core, events=_part(passport, core).events[:-1])
    at = (core, log.chain(core)[-2].id)
    yield refused("hidden-recall-of-part", "Of the core.", code, log, unit, at, passport=cut)
    log, unit, core = packed()
    key = f"key/{log.actors['approver'].signer.key.kid}"
    log.add("revoke_key", key, by="plant admin")
    passport = log.passport(unit)
    cut = change_chain(replace(passport, order=()), key, events=_part(passport, key).events[:-1])
    at = (key, log.chain(key)[0].id)
    yield refused(
        "hidden-revocation", "A revocation is left out.", code, log, unit, at, passport=cut
    )
    log, unit, core = packed()
    passport = log.passport(unit)
    absent = unit[:-1] + "9"
    chain = replace(_part(passport, unit), item=absent)
    moved = replace(passport, item=absent, chains=(chain, *passport.chains[1:]))
    desc = "The history of an item that the ledger does not have."
    yield refused(
        "item-absent", desc, code, log, absent, (absent, ahead(log, unit)[1]), passport=moved
    )


def _places() -> Iterator[Case]:
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        ("log-false-seq", "The log took a false seq.", "chain.seq", {"seq": 9}),
        ("log-missing-prev", "The log took an event without prev.", "chain.prev", {"prev": ""}),
        ("log-false-prev", "The log took a false prev.", "chain.prev", {"prev": "A" * 43}),
        (
            "log-token-of-another",
            "Made for another ledger.",
            "chain.ledger",
            {"aud": "ledger.example/x"},
        ),
    ]
    for name, desc, code, claims in rows:
        log, unit, _ = packed()
        event = log.add("export", unit, by="carrier", **claims)
        heads = {unit: (len(log.chain(unit)) - 1, event.leaf)}
        passport = log.passport(unit, heads=heads)
        yield refused(name, desc, code, log, unit, (unit, event.id), passport=passport)
    log, unit, core = packed()
    events = _part(log.passport(core), core).events
    for name, desc, order in [
        ("events-swapped", "Two events swapped.", (1, 0, 2, 3, 4)),
        ("event-replaced", "An event in another's place.", (0, 2, 2, 3, 4)),
    ]:
        passport = log.passport(core)
        odd = change_chain(passport, core, events=tuple(events[at] for at in order))
        seq = next(at for at, given in enumerate(order) if given != at)
        at = (core, log.chain(core)[order[seq]].id)
        yield refused(name, desc, "chain.seq", log, core, at, passport=odd)
    log, unit, core = packed()
    other = log.chain(core)[-1]
    lying = log.passport(unit, heads={unit: (len(log.chain(unit)), other.leaf)})
    events = (*_part(lying, unit).events, log.wires[log.events.index(other)])
    moved = change_chain(lying, unit, events=events)
    desc = "An event of the core at the end of the unit's chain."
    yield refused(
        "event-of-another-item", desc, "chain.item", log, unit, (unit, other.id), passport=moved
    )
    desc = "The ledger was founded by another event than the trusted one."
    at = ("ledger", log.events[0].id)
    trust = log.trust(founding=log.events[1].id)
    yield refused("founded-otherwise", desc, "trust.founding", log, unit, at, trust=trust)
    log.actors["approver"] = impostor(log.actors["approver"])
    event = log.add("recall", unit, by="approver")
    desc = "Signed by another key under a good kid."
    yield refused("signature-by-another", desc, "signature.false", log, unit, (unit, event.id))
    log, unit, core = packed()
    passport = log.passport(unit)
    token, _ = split_wire(_part(passport, unit).events[-1])
    resigned = token.rpartition(b".")[0] + b"." + b"A" * 86 + b"~"
    changed = change_wire(passport, unit, 3, resigned)
    at = (unit, encode_base64url(leaf_hash(resigned[:-1])))
    desc = "The last event with another signature."
    yield refused("event-re-signed", desc, "map.proof", log, unit, at, passport=changed)


def _chains() -> Iterator[Case]:
    log, unit, core = packed()
    passport = log.passport(unit)
    code = "passport.chain"
    key, admin = (f"key/{log.actors[name].signer.key.kid}" for name in ("operator", "plant admin"))
    # Without the party's chain, nobody knows that the admin key needs no chain of its own.
    for name, item, named in [
        ("core", core, core),
        ("key", key, key),
        ("party", "party/plant", admin),
    ]:
        rest = tuple(chain for chain in passport.chains if chain.item != item)
        lacking = replace(passport, chains=rest)
        yield refused(
            f"chain-missing-{name}",
            "A chain is missing.",
            code,
            log,
            unit,
            (named, ""),
            passport=lacking,
        )
    for item in ("party/customs", "policy"):
        more = log.passport(unit, extra=[item])
        name = f"chain-extra-{item.partition('/')[0]}"
        yield refused(
            name, "A chain that nothing needs.", code, log, unit, (item, ""), passport=more
        )
    log.actors["approver"] = replace(log.actors["approver"], signer=STRANGER)
    forged = log.add("recall", unit, by="approver")
    wire, key = log.wires[-1], f"key/{STRANGER.key.kid}"
    taken = change_wire(passport, unit, forged.payload.seq, wire)
    desc = "An event by a key that was never granted: its chain cannot be there."
    yield refused("key-never-granted", desc, code, log, unit, (key, ""), passport=taken)
