"""Files, tokens and keys that are not in their one accepted form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import msgspec

from tests.passports import CUSTOMS, LOG, Log, change_wire, policy_text
from tests.vectors.case import (
    Case,
    Place,
    decode_part,
    edited,
    raw_token,
    reforged,
    refused,
    unchecked,
    verified,
)
from tests.world import LINE_IN, World, jwk, make_signer
from traceledger.events.disclosure import format_wire, make_disclosure, split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.formats.encoding import encode_base64
from traceledger.formats.passport import Passport, format_passport
from traceledger.formats.trust import format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash

__all__ = ["forms"]


# What is invisible or looks like something else: in no text, or in no code.
_HIDDEN = (
    ("zero-width-space", "U+200B in a text.", "condition", "as\u200b removed"),
    ("direction-mark", "U+200E in a text.", "condition", "as\u200e removed"),
    ("joiner", "U+200D in a text.", "condition", "as\u200d removed"),
    ("byte-order-mark", "U+FEFF in a text.", "condition", "as\ufeff removed"),
    ("soft-hyphen", "U+00AD in a text.", "condition", "as\u00ad removed"),
    ("filler", "U+3164 in a text.", "condition", "as\u3164 removed"),
    ("blank-braille", "U+2800 in a text.", "condition", "as\u2800 removed"),
    ("tag", "U+E0041 in a text.", "condition", "as\U000e0041 removed"),
    ("selector", "U+FE0F in a text.", "condition", "as\ufe0f removed"),
    ("private-use", "U+E000 in a text.", "condition", "as\ue000 removed"),
    ("unassigned", "U+0378 in a text.", "condition", "as\u0378 removed"),
    ("later-character", "Assigned after Unicode 14.0.", "condition", "as\U00031350 removed"),
    ("no-break-space", "U+00A0 in a code.", "part_no", "2426\u00a01870"),
    ("wide-digits", "Full-width digits in a code.", "part_no", "\uff12\uff14\uff12"),
    ("wide-space", "U+3000 in a code.", "part_no", "2426\u30001870"),
    ("combining-mark", "A combining mark in a code.", "part_no", "e\u0301"),
    ("two-spaces", "Two spaces in a code.", "part_no", "2426  1870"),
    ("first-space", "A space before a code.", "part_no", " 24261870"),
    ("last-space", "A space after a code.", "part_no", "24261870 "),
)


def _with_text(field: str, text: str) -> Callable[[dict[str, Any]], object]:
    return lambda claims: claims["data"].update({field: text})


def forms() -> Iterator[Case]:
    """All of them, made from the smallest passport: a core that was imported."""
    world = World()
    core = world.core()
    log = Log(world)
    passport = log.passport(core)
    data = format_passport(passport)
    yield from _file(log, core, data)
    yield from _wanted(log, core)
    yield from _tokens(log, core, passport)
    yield from _claims(log, core, passport)
    yield from _disclosures(log, core, passport)
    yield from _new_parts()
    yield from _trust(log, core)


def _file(log: Log, core: str, data: bytes) -> Iterator[Case]:
    def bad(name: str, desc: str, given: bytes) -> Case:
        return refused(name, desc, "passport.form", log, core, passport=given)

    yield bad("file-empty", "No byte.", b"")
    yield bad("file-truncated", "The last byte is missing.", data[:-1])
    yield bad("file-line-end", "A line end after the last byte.", data + b"\n")
    yield bad("file-byte-order-mark", "A byte order mark.", b"\xef\xbb\xbf" + data)
    yield bad("file-not-utf8", "A byte of Latin-1.", data.replace(b"eyJ", b"\xe4yJ", 1))
    yield bad("file-spaces", "A space after a colon.", data.replace(b'":', b'": ', 1))
    yield bad("file-member-twice", "A member twice.", b'{"chains":[],' + data[1:])
    yield bad("file-member-unknown", "A member more.", edited(data, lambda d: d.update(zone="x")))
    yield bad("file-member-missing", "No order.", edited(data, lambda d: d.pop("order")))
    desc = "An escape where none is needed."
    yield bad("file-needless-escape", desc, data.replace(b'"order"', b'"\\u006frder"'))
    yield bad("file-null", "A null.", edited(data, lambda d: d.update(order=None)))
    yield bad("file-other-format", "Version 2.", data.replace(b"passport/v1", b"passport/v2"))
    nul = edited(data, lambda d: d.update(checkpoint=d["checkpoint"] + "\0"))
    yield bad("file-nul", "U+0000 in a text.", nul)
    yield bad("file-too-large", "More than 1 MiB.", data + b" " * (1 << 20))

    def hash_case(name: str, desc: str, change: Callable[[list[str]], object]) -> Case:
        return bad(name, desc, edited(data, lambda d: change(d["seal"]["proof"])))

    def set_spare_bits(proof: list[str]) -> None:
        text = proof[0]
        proof[0] = text[:42] + _next(text[42]) + "="

    yield hash_case("hash-spare-bits", "Spare bits of base64 are not zero.", set_spare_bits)
    yield hash_case(
        "hash-short", "A hash of 31 bytes.", lambda p: p.__setitem__(0, "A" * 40 + "AA==")
    )
    yield hash_case("hash-url-alphabet", "Base64url.", lambda p: p.__setitem__(0, "_" * 43 + "="))
    yield hash_case("proof-too-long", "64 hashes.", lambda p: p.extend(["A" * 43 + "="] * 64))
    order = edited(data, lambda d: d["chains"].reverse())
    yield bad("chains-reversed", "The chains in another order.", order)
    twice = edited(data, lambda d: d["chains"].append(d["chains"][-1]))
    yield bad("chain-twice", "A chain twice.", twice)
    yield bad(
        "chain-empty",
        "A chain without events.",
        edited(data, lambda d: d["chains"][0].update(events=[])),
    )
    about = edited(data, lambda d: (d.update(item="ledger"), d["chains"].pop(0)))
    yield bad("about-the-ledger", "No passport is about the ledger.", about)
    odd = edited(data, lambda d: d.update(item="8004/lower"))
    yield refused(
        "item-not-an-id", "The passport's item is no id.", "item.form", log, core, passport=odd
    )


def _next(character: str) -> str:
    """The character of base64 after this one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(character) + 1]


def _wanted(log: Log, core: str) -> Iterator[Case]:
    for name, wanted, code in [
        ("wanted-nothing", "ledger/", "item.form"),
        ("wanted-escaped", core.replace("9", "%39", 1), "item.form"),
        ("wanted-false-check-digit", "01/09521234543214/21/U0002", "item.check-digit"),
    ]:
        desc = "What is wanted is no item id; it is read before the passport."
        yield unchecked(name, desc, code, log, core, passport=b"{}", wanted=wanted)
    at = (core, "")
    desc = "Another item is wanted than the passport is about."
    yield refused("wanted-another", desc, "passport.item", log, core, at, wanted=core[:-1] + "9")
    trust = log.trust(items=("8004/9521235",))
    desc = "The ledger may not speak about such ids."
    yield refused("item-not-trusted", desc, "trust.item", log, core, at, trust=trust)


def _tokens(log: Log, core: str, passport: Passport) -> Iterator[Case]:
    wire = passport.chains[0].events[0]
    token, disclosures = split_wire(wire)
    header, payload, signature = token.split(b".")
    signer = make_signer("importer")
    plain_header, plain = decode_part(header), decode_part(payload)

    def bad(name: str, desc: str, code: str, given: bytes) -> Case:
        place: Place = (core, encode_base64url(leaf_hash(given.partition(b"~")[0])))
        changed = change_wire(passport, core, 0, given)
        return refused(name, desc, code, log, core, place, passport=changed)

    def with_token(name: str, desc: str, code: str, given: bytes) -> Case:
        return bad(name, desc, code, format_wire(given, disclosures))

    yield bad("wire-empty", "An empty event.", "wire.form", b"")
    yield bad("wire-unended", "No ~ at the end.", "wire.form", wire[:-1])
    yield bad("wire-too-large", "More than 128 KiB.", "wire.size", wire + b"a" * 131_072 + b"~")
    yield bad("token-empty", "No token.", "token.form", b"~")
    yield bad("token-too-large", "More than 32 KiB.", "token.size", b"a" * 32_769 + b"~")
    yield with_token("token-two-parts", "No signature.", "token.form", header + b"." + payload)
    desc = "Spare bits of base64url in the signature are not zero."
    spare = token[:-1] + _spare(token[-1:])
    yield with_token("token-spare-bits", desc, "token.form", spare)
    yield with_token("token-padded", "Padded base64url.", "token.form", token + b"==")
    short = b".".join((header, payload, signature[:-3] + b"A"))
    yield with_token("token-short-signature", "62 bytes.", "token.form", short)
    for name, old, new in [
        ("algorithm-none", b'"Ed25519"', b'"none"'),
        ("algorithm-hmac", b'"Ed25519"', b'"HS256"'),
        ("type-of-another-use", b"tl-event+jwt", b"tl-access+jwt"),
        ("header-spaced", b'","kid"', b'", "kid"'),
        ("header-names-a-key", b'{"alg"', b'{"crit":["jwk"],"alg"'),
    ]:
        other = raw_token(plain_header.replace(old, new), plain, signer)
        yield with_token(name, "A header that is not that of an event.", "token.form", other)

    def with_payload(name: str, desc: str, code: str, given: bytes) -> Case:
        return with_token(name, desc, code, raw_token(plain_header, given, signer))

    canonical, outside = "encoding.canonical", "encoding.json"
    twice = plain.replace(b'"seq":0', b'"seq":1,"seq":0')
    yield with_payload("payload-member-twice", "A claim twice.", canonical, twice)
    yield with_payload("payload-spaced", "A space.", canonical, plain.replace(b":", b": ", 1))
    unsorted = (
        b'{"sub":' + plain.split(b'"sub":')[1][:-1] + b"," + plain.split(b',"sub":')[0][1:] + b"}"
    )
    yield with_payload("payload-unsorted", "Claims in another order.", canonical, unsorted)
    desc = "A needless escape."
    escaped = plain.replace(b"party/plant", b"party\\/plant")
    yield with_payload("payload-needless-escape", desc, canonical, escaped)
    yield with_payload("payload-broken", "Broken JSON.", outside, plain[:-1])
    yield with_payload(
        "payload-not-utf8", "A byte of Latin-1.", outside, plain.replace(b"TCM", b"TC\xe4")
    )
    surrogate = plain.replace(b"TCM", b"\\ud800")
    yield with_payload("payload-surrogate", "Half a surrogate pair.", outside, surrogate)
    yield with_payload(
        "payload-nul", "U+0000 in a text.", outside, plain.replace(b"TCM", b"\\u0000")
    )
    null = plain.replace(b'"TCM"', b"null")
    yield with_payload("payload-null", "A null.", outside, null)
    deep = plain.replace(b'"TCM"', b"[" * 8 + b"]" * 8)
    yield with_payload("payload-deep", "Nine levels.", outside, deep)
    large = plain.replace(b'"seq":0', b'"seq":9007199254740993')
    yield with_payload("payload-large-integer", "Beyond 2^53 - 1.", outside, large)
    proto = plain.replace(b'"category"', b'"__proto__"')
    yield with_payload("payload-proto", "A member __proto__.", outside, proto)


def _spare(last: bytes) -> bytes:
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return bytes([alphabet[alphabet.index(last) + 1]])


def _claims(log: Log, core: str, passport: Passport) -> Iterator[Case]:
    wire = passport.chains[0].events[0]
    for name, desc, code, change in [
        ("claim-missing", "No time.", "event.field", lambda c: c.pop("occurred")),
        ("claim-unknown", "A claim more.", "event.field", lambda c: c.update(exp=1)),
        ("claim-time", "No such time.", "event.field", lambda c: c.update(occurred="2025-06-15")),
        ("claim-late", "After 2999.", "event.field", lambda c: c.update(iat=32_503_680_000)),
        ("claim-negative", "A negative seq.", "event.field", lambda c: c.update(seq=-1)),
        (
            "claim-issuer",
            "An issuer that is no party.",
            "event.field",
            lambda c: c.update(iss="key/x"),
        ),
        ("claim-sub-nul", "U+0000 in sub.", "encoding.json", lambda c: c.update(sub="8004/\0")),
        ("claim-sub", "A sub that is no item.", "item.form", lambda c: c.update(sub="8004/a")),
        ("claim-refs-empty", "An empty list of links.", "event.field", lambda c: c.update(refs=[])),
        (
            "field-unknown",
            "An unknown field.",
            "event.field",
            lambda c: c["data"].update(colour="x"),
        ),
        ("field-missing", "A required field.", "event.field", lambda c: c["data"].pop("category")),
        ("field-in-clear", "A restricted field in clear.", "event.field", _in_clear),
        ("digest-of-public-field", "A public field's digest.", "event.field", _digest_of_public),
        ("digest-missing", "No digest of a required field.", "event.field", _no_digest),
        (
            "field-too-long",
            "65 characters.",
            "event.field",
            lambda c: c["data"].update(category="x" * 65),
        ),
        (
            "field-turned",
            "Text that turns around.",
            "event.field",
            lambda c: c["data"].update(category="\u202ex"),
        ),
        (
            "field-line-end",
            "A code with a line end.",
            "event.field",
            lambda c: c["data"].update(origin="USA\n"),
        ),
    ]:
        given = reforged(wire, make_signer("importer"), change)
        place = (core, encode_base64url(leaf_hash(split_wire(given)[0])))
        changed = change_wire(passport, core, 0, given)
        yield refused(name, desc, code, log, core, place, passport=changed)
    world = World()
    core = world.core("RECEIVED")
    log = Log(world)
    passport = log.passport(core)
    for name, desc, field, text in _HIDDEN:
        seq, by = {"part_no": (0, "importer"), "condition": (1, "operator")}[field]
        wire = passport.chains[0].events[seq]
        given = reforged(wire, make_signer(by), _with_text(field, text))
        place = (core, encode_base64url(leaf_hash(split_wire(given)[0])))
        changed = change_wire(passport, core, seq, given)
        title = f"field-with-{name}"
        yield refused(title, desc, "event.field", log, core, place, passport=changed)
    world = World()
    core = world.core("DECLARED")
    world.add("receive", core, {"condition": " ½ \u3000№ e\u0301  变速箱"})
    desc = "A text with characters that only a code must not contain."
    yield verified("field-with-variants", desc, Log(world), core)


def _in_clear(claims: dict[str, Any]) -> None:
    claims["data"]["net_kg"] = "0.942"


def _digest_of_public(claims: dict[str, Any]) -> None:
    claims["data"]["_sd"]["category"] = "A" * 43


def _no_digest(claims: dict[str, Any]) -> None:
    del claims["data"]["_sd"]["net_kg"]


def _disclosures(log: Log, core: str, passport: Passport) -> Iterator[Case]:
    token, (mass, value) = split_wire(passport.chains[0].events[0])
    event = log.chain(core)[0].id
    other = make_disclosure("net_kg", "1.5", bytes)
    for name, desc, code, disclosures in [
        ("disclosure-wrong", "Another value.", "disclosure.digest", (other, value)),
        (
            "disclosure-of-other-field",
            "A field that was not signed.",
            "disclosure.digest",
            (make_disclosure("make", "GM", bytes), mass, value),
        ),
        ("disclosures-swapped", "In another order.", "disclosure.order", (value, mass)),
        ("disclosure-twice", "The same twice.", "disclosure.order", (mass, mass, value)),
        ("disclosure-cut", "Cut off.", "disclosure.form", (mass[:-2], value)),
        ("disclosure-empty", "Empty.", "disclosure.form", (b"", mass, value)),
        ("disclosure-padded", "Padded.", "disclosure.form", (mass + b"=", value)),
    ]:
        changed = change_wire(passport, core, 0, format_wire(token, disclosures))
        yield refused(name, desc, code, log, core, (core, event), passport=changed)

    for name, desc, code, text in [
        ("disclosure-signed-number", "A number where a text must be.", "event.field", b"1"),
        (
            "disclosure-signed-spaced",
            "JSON that is not canonical.",
            "encoding.canonical",
            b'"\\u0031"',
        ),
        ("disclosure-signed-two", "Four members.", "encoding.json", b'"1","2"'),
    ]:
        forged = encode_base64url(b'["' + b"s" * 22 + b'","net_kg",' + text + b"]").encode()
        other_log = Log(World())
        other_log.world.core()
        other_log = Log(other_log.world)
        wire = _with_digest(other_log.wires[-1], _digest(forged))
        other_log.events.pop(), other_log.wires.pop()
        signed = other_log.append(format_wire(split_wire(wire)[0], (forged, value)))
        yield refused(name, desc, code, other_log, core, (core, signed.id))

    world = World()
    core = world.core()
    log = Log(world)
    wire = reforged(log.wires[-1], make_signer("importer"), _same_digest_twice)
    log.events.pop(), log.wires.pop()
    token, (mass, value) = split_wire(wire)
    named_twice = log.append(format_wire(token, (mass, value)))
    desc = "Two names have one digest, so one of them has no disclosure of its own name."
    code = "disclosure.digest"
    yield refused("digest-under-two-names", desc, code, log, core, (core, named_twice.id))


def _new_parts() -> Iterator[Case]:
    """New parts come from a lot, also where only a disclosure names it."""
    log, core, _ = _repaired_from("lot/CAP-2503")
    yield verified("good-new-parts", "The lot of new parts is disclosed.", log, core)
    for name, desc, source in [
        ("new-parts-of-no-lot", "New parts from a declaration line.", LINE_IN),
        ("new-parts-of-a-long-lot", "The id of the lot is too long.", f"lot/{'C' * 41}"),
    ]:
        log, core, event = _repaired_from(source)
        yield refused(name, desc, "event.field", log, core, (core, event))


def _repaired_from(source: str) -> tuple[Log, str, str]:
    """A core that was repaired with new parts from there, and the id of the repair."""
    world = World()
    core = world.core("ACCEPTED")
    world.add("repair", core)
    log = Log(world)
    parts = b'[{"lot":"%b","part_no":"CAP-220","quantity":"2"}]' % source.encode()
    shown = encode_base64url(b'["' + b"s" * 22 + b'","new_parts",' + parts + b"]").encode()
    data = {"_sd": {"new_parts": _digest(shown)}}
    wire = reforged(
        log.wires[-1], make_signer("operator"), lambda claims: claims["data"].update(data)
    )
    log.events.pop(), log.wires.pop()
    repair = log.append(format_wire(split_wire(wire)[0], (shown,)))
    return log, core, repair.id


def _with_digest(wire: bytes, digest: str) -> bytes:
    """The import with another digest of its mass."""
    signer = make_signer("importer")
    return reforged(wire, signer, lambda claims: claims["data"]["_sd"].update(net_kg=digest))


def _digest(disclosure: bytes) -> str:
    return encode_base64url(sha256(disclosure).digest())


def _same_digest_twice(claims: dict[str, Any]) -> None:
    digests = claims["data"]["_sd"]
    digests["unit_value"] = digests["net_kg"]


WEAK = bytes([1]) + bytes(31)
NOT_CANONICAL = (2**255 - 19 + 3).to_bytes(32, "little")


def _trust(log: Log, core: str) -> Iterator[Case]:
    data = format_trust(log.trust())

    def bad(name: str, desc: str, code: str, given: bytes) -> Case:
        # It is read before the passport, which is none here.
        return unchecked(name, desc, code, log, core, passport=b"{}", trust=given)

    yield bad("trust-empty", "An empty object.", "trust.form", b"{}")
    yield bad("trust-line-end", "A line end.", "trust.form", data + b"\n")
    yield bad(
        "trust-no-items", "No items.", "trust.form", edited(data, lambda d: d.update(items=[]))
    )
    yield bad(
        "trust-age-zero",
        "A max_age of 0.",
        "trust.form",
        edited(data, lambda d: d.update(max_age=0)),
    )
    desc = "A whole id, not a beginning."
    whole = edited(data, lambda d: d.update(items=["8004/" + "A" * 30]))
    yield bad("trust-item-whole", desc, "trust.form", whole)
    other = edited(data, lambda d: d.update(origin="ledger.example/other"))
    yield bad("trust-other-origin", "No log key has that name.", "trust.form", other)
    nobody = edited(data, lambda d: d.update(replayed_by="nobody"))
    yield bad("trust-unknown-replayer", "Nobody has that name.", "trust.form", nobody)

    label_keys = [
        {"jwk": jwk(make_signer("approver").key), "party": f"party/{party}"}
        for party in ("plant", "other")
    ]
    broken: dict[str, Any] = {"policy": "broken\n"}
    root = {"key": "k", "root": "AAAA", "size": 1}
    for name, changes in {"until": {"until": [root]}, "replayer": {"replayed_by": ""}}.items():
        given = msgspec.json.encode(msgspec.json.decode(data) | broken | changes, order="sorted")
        desc = "The form of every member comes before the policy."
        yield bad(f"trust-{name}-before-policy", desc, "trust.form", given)
    shared = edited(data, lambda d: d.update(label_keys=label_keys))
    yield bad("trust-label-key-of-two", "One key of two parties.", "trust.form", shared)

    for name, address in [
        ("scheme", "http://customs.example/"),
        ("user", "https://customs.example@evil.example/"),
        ("host", "https://localhost/"),
        ("markup", "https://customs.example/<b>"),
        ("empty", ""),
        ("long", "https://customs.example/" + "x" * 477),
    ]:
        given = msgspec.json.encode(
            msgspec.json.decode(data) | {"verifier": address}, order="sorted"
        )
        yield bad(f"trust-verifier-{name}", "No web address.", "trust.form", given)

    def with_policy(name: str, desc: str, code: str, text: str) -> Case:
        return bad(name, desc, code, edited(data, lambda d: d.update(policy=text)))

    text, vkey = policy_text(), format_vkey(LOG.verifier)
    yield with_policy("policy-no-quorum", "No quorum.", "policy.form", text.split("quorum")[0])
    again = text + text.splitlines()[-1] + "\n"
    yield with_policy("policy-two-quorums", "Two quorums.", "policy.form", again)
    lone = text.replace(format_vkey(CUSTOMS.verifier), vkey)
    yield with_policy("policy-log-as-witness", "The log's key as a witness.", "policy.form", lone)
    wrong = text.replace(vkey.split("+")[1], "00000000")
    yield with_policy("policy-false-key-id", "A false key id.", "note.key", wrong)
    for name, raw in [
        ("policy-small-order-key", WEAK),
        ("policy-non-canonical-key", NOT_CANONICAL),
    ]:
        blob = encode_base64(b"\x01" + raw).decode()
        weak = text.replace(vkey.split("+", 2)[2], blob)
        yield with_policy(name, "A key under which anyone signs.", "key.weak", weak)
