"""Every parser that reads what strangers send, as a function of bytes that must hold its promise.

The promise: MalformedError and nothing else; and what is accepted comes back byte for byte when it
is written again, or, where a format has several spellings, means the same when it is read again.
The seeds are real artifacts of a small ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

from tests.forging import Forger
from tests.merkle.tiled_tree import TiledTree
from tests.passports import CUSTOMS, LOG, NOW, policy_text
from tests.world import ORIGIN, World, make_signer
from traceledger.errors import MalformedError, VerificationError
from traceledger.events.disclosure import (
    format_wire,
    open_disclosures,
    parse_disclosure,
    split_wire,
)
from traceledger.events.draft import parse_draft
from traceledger.events.encoding import decode_base64url
from traceledger.events.fast_read import read_quickly
from traceledger.events.keys import load_jwk
from traceledger.events.packed import pack_event, unpack_event
from traceledger.events.payload import PAYLOAD_KINDS
from traceledger.events.token import parse_token
from traceledger.formats.access_token import parse_access, sign_access
from traceledger.formats.archive import format_disclosures, parse_disclosures
from traceledger.formats.checkpoint import format_checkpoint, parse_checkpoint
from traceledger.formats.cosignature import cosigned_message, split_cosignature
from traceledger.formats.note import format_note, parse_note
from traceledger.formats.passport import format_passport, parse_passport
from traceledger.formats.policy import format_policy, parse_policy
from traceledger.formats.problem import CLASSES, format_problem, parse_problem
from traceledger.formats.proof import LogProof, format_proof, parse_proof
from traceledger.formats.receipt import LoggedLeaf, Receipt, format_receipt, parse_receipt
from traceledger.formats.registration import (
    format_registration,
    parse_registration,
    sign_registration,
)
from traceledger.formats.seal import format_seal, parse_seal
from traceledger.formats.trust import format_trust, parse_trust
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.formats.witness import WitnessRequest, format_request, parse_request
from traceledger.identifiers.digital_link import format_link, parse_link
from traceledger.identifiers.items import parse_item
from traceledger.manifests import read_declaration, read_manifest
from traceledger.merkle.bundles import format_bundle, parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.proofs import prove_consistency, prove_inclusion
from traceledger.merkle.tiles import format_tile_path, parse_tile_path

__all__ = ["TARGETS", "Target", "check"]

Check = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser with its promise, and examples of what it reads."""

    name: str
    check: Check
    seeds: tuple[bytes, ...]


def check(target: Target, data: bytes) -> bool:
    """Asserts that the promise holds for this input; returns whether it was accepted."""
    try:
        target.check(data)
    except MalformedError:
        return False
    return True


def same(parse: Callable[[bytes], Any], write: Callable[[Any], bytes]) -> Check:
    """What is accepted is written again byte for byte."""

    def checked(data: bytes) -> None:
        assert write(parse(data)) == data

    return checked


def same_text(parse: Callable[[str], Any], write: Callable[[Any], str]) -> Check:
    return same(lambda data: parse(data.decode(errors="surrogateescape")), _encoded(write))


def _encoded(write: Callable[[Any], str]) -> Callable[[Any], bytes]:
    return lambda value: write(value).encode(errors="surrogateescape")


def same_meaning(parse: Callable[[bytes], Any], write: Callable[[Any], bytes]) -> Check:
    """What is accepted means the same after it was written and read again."""

    def checked(data: bytes) -> None:
        value = parse(data)
        assert parse(write(value)) == value

    return checked


def _token(data: bytes) -> None:
    event = parse_token(data)
    assert event.token == data
    again = unpack_event(pack_event(event))
    assert again.claims == event.claims
    assert msgspec.to_builtins(again.data) == msgspec.to_builtins(event.data)


def _payload(data: bytes) -> None:
    """What is read quickly is what its type accepts, in its one form."""
    quick = read_quickly(data)
    if quick is None:
        raise MalformedError("event.field", "left to the type")
    typed = msgspec.json.decode(data, type=_TYPES[quick.kind.name])
    assert msgspec.to_builtins(typed) == msgspec.to_builtins(quick.body)
    assert msgspec.json.encode(typed, order="sorted") == data


_TYPES = {kind.name: wanted for wanted, kind in PAYLOAD_KINDS.items()}


def _opened(data: bytes) -> None:
    """The wire form as append reads it."""
    token, disclosures = split_wire(data)
    event = parse_token(token)
    try:
        values = open_disclosures(event, disclosures, complete=True)
    except VerificationError:
        return
    assert set(values) == set(event.digests)


def _disclosure(data: bytes) -> None:
    assert parse_disclosure(data).text == data


def _cosignature(data: bytes) -> None:
    time, signature = split_cosignature(data)
    assert time.to_bytes(8) + signature == data
    cosigned_message(b"text\n", time)


def _disclosures(data: bytes) -> None:
    lines = parse_disclosures(data, 3)
    assert format_disclosures(b"".join(one + b"~" for one in line) for line in lines) == data


def _key(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        key = load_jwk(value)
        assert load_jwk(key.jwk).kid == key.kid


def _draft(data: bytes) -> None:
    draft = parse_draft(data)
    assert parse_draft(msgspec.json.encode(draft)) == draft


def _manifest(data: bytes) -> None:
    assert read_manifest(data, partial=True).rows is not None


def _access(data: bytes) -> None:
    token = parse_access(data)
    assert data.startswith(token.signed + b".")


def _problem(data: bytes) -> None:
    error = parse_problem(data)
    again = parse_problem(format_problem(error, base="", request_id=""))
    assert (type(again), again.code) == (type(error), error.code)


def _targets() -> Mapping[str, Target]:
    made = _artifacts()
    checks: dict[str, Check] = {
        "token": _token,
        "payload": _payload,
        "wire": same(split_wire, lambda parts: format_wire(*parts)),
        "event": _opened,
        "disclosure": _disclosure,
        "draft": _draft,
        "note": same(parse_note, format_note),
        "checkpoint": same(parse_checkpoint, format_checkpoint),
        "cosignature": _cosignature,
        "policy": same_meaning(parse_policy, format_policy),
        "trust": same(parse_trust, format_trust),
        "passport": same(parse_passport, format_passport),
        "seal": same(parse_seal, format_seal),
        "receipt": same(parse_receipt, format_receipt),
        "proof": same(parse_proof, format_proof),
        "witness request": same(parse_request, format_request),
        "verifier key": same_text(parse_vkey, format_vkey),
        "tile path": same_text(parse_tile_path, format_tile_path),
        "bundle": same(lambda data: parse_bundle(data, 3), format_bundle),
        "disclosures": _disclosures,
        "manifest": _manifest,
        "declarations": read_declaration,
        "key": _key,
        "access token": _access,
        "problem": _problem,
        "registration": same_meaning(parse_registration, format_registration),
        "item": same_text(parse_item, lambda item: item.text),
        "link": same_text(
            parse_link, lambda link: format_link(link.base, link.item, link.fragment)
        ),
    }
    return {name: Target(name, one, tuple(made[name])) for name, one in checks.items()}


def _artifacts() -> dict[str, Sequence[bytes]]:
    world = World()
    unit = world.unit("EXPORTED")
    log = Forger(world)
    log.publish()
    tree = TiledTree()
    tree.append(leaf_hash(entry) for entry in log.entries)
    note = log.notes[log.size]
    longest = sorted(log.wires, key=len)[-12:]
    tokens = [split_wire(wire)[0] for wire in longest]
    receipt = Receipt(ORIGIN, (LoggedLeaf(3, tree.leaves[3]), LoggedLeaf(1, tree.leaves[1])))
    proof = LogProof(7, prove_inclusion(7, log.size, tree), note, b"more")
    asked = WitnessRequest(9, prove_consistency(9, log.size, tree), note)
    draft = {
        "kind": "import",
        "item": "8004/9521234C000001",
        "refs": [{"as": "declaration", "item": "decl/DECLARATION-IN-1"}],
        "data": world.example("import"),
    }
    data = resources.files("traceledger_cli.demo") / "data"
    manifest = (data / "manifest-1080-tcm.csv").read_bytes().splitlines(keepends=True)[:4]
    declarations = (data / "declaration-inbound.csv").read_bytes().splitlines(keepends=True)[:4]
    access = sign_access(
        make_signer("importer"),
        origin=ORIGIN,
        issuer="party/plant",
        authority=log.actors["importer"].auth,
        now=NOW,
        nonce=bytes(16),
    )
    key = make_signer("importer").key
    paths = (
        *("tile/0/000", "tile/0/x001/067.p/5", "tile/entries/255", "tile/1/000.p/17"),
        "tile/7/000.p/127",
    )
    items = (unit, "8004/9521234C000001", "x/core/A-1", "lot/7", f"key/{key.kid}", "ledger")
    return {
        "token": tokens,
        "payload": [decode_base64url(token.split(b".")[1]) for token in tokens],
        "wire": longest,
        "event": longest,
        "disclosure": [part for wire in longest for part in split_wire(wire)[1]],
        "draft": [msgspec.json.encode(draft)],
        "note": [note],
        "checkpoint": [parse_note(note).text],
        "cosignature": [line.signature for line in parse_note(note).signatures[1:]],
        "policy": [policy_text().encode(), b"# note\n\n" + policy_text().encode()],
        "trust": [format_trust(log.trust())],
        "passport": [format_passport(log.passport(unit))],
        "seal": [log.entries[-1]],
        "receipt": [format_receipt(receipt)],
        "proof": [format_proof(proof)],
        "witness request": [format_request(asked)],
        "verifier key": [format_vkey(one).encode() for one in (LOG.verifier, CUSTOMS.verifier)],
        "tile path": [path.encode() for path in paths],
        "bundle": [format_bundle(tokens[:3])],
        "disclosures": [
            format_disclosures(b"~".join((*split_wire(wire)[1], b"")) for wire in longest[-3:])
        ],
        "manifest": [b"".join(manifest)],
        "declarations": [b"".join(declarations)],
        "key": [msgspec.json.encode(key.jwk)],
        "access token": [access],
        "registration": [format_registration(sign_registration("a", "ledger", make_signer("a")))],
        "problem": [
            format_problem(kind("chain.taken", "there is another event"), base="", request_id="1")
            for kind in CLASSES
        ],
        "item": [item.encode() for item in items],
        "link": [f"https://id.example:8443/a/{unit}#v1.x.y".encode(), b"http://[::1]/x/core/A"],
    }


TARGETS = _targets()
