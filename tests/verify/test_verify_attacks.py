from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.passports import (
    CUSTOMS,
    LOG,
    NOW,
    PLAIN,
    Log,
    change_chain,
    change_wire,
    refused,
    tampered,
    verify,
)
from tests.world import ORIGIN, World, make_signer
from traceledger.events.disclosure import format_wire, make_disclosure, split_wire
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from traceledger.formats.cosignature import cosign
from traceledger.formats.note import NoteSigner, add_signatures, parse_note
from traceledger.formats.passport import Passport, PassportChain, format_passport
from traceledger.formats.seal import format_seal, parse_seal
from traceledger.formats.trust import RetiredKey
from traceledger.formats.vkey import format_vkey
from traceledger.verify import RefusedError, describe_result

STRANGER = make_signer("stranger")


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.unit("PACKED")
    world.unit("PACKED")
    return world


@pytest.fixture
def log(world: World) -> Log:
    return Log(world)


@pytest.fixture
def unit() -> str:
    return "01/09521234543213/21/U0002"


@pytest.fixture
def core() -> str:
    return "8004/9521234C000001"


@pytest.fixture
def passport(log: Log, unit: str) -> Passport:
    return log.passport(unit)


def part(passport: Passport, item: str) -> PassportChain:
    return next(chain for chain in passport.chains if chain.item == item)


NOT_FOR_SIGNERS = "Do not rely on this data. Obtain it again; if it fails again, report it."
SIGNED = ("encoding.", "token.", "event.", "chain.", "signature.", "disclosure.")


# The smallest passport: a core that was imported.
@pytest.fixture(scope="module")
def small() -> tuple[Log, str, bytes]:
    log = Log(World())
    core = log.world.core("DECLARED")
    log = Log(log.world)
    data = format_passport(log.passport(core))
    assert verify(data, log.trust(), core).result == "verified"
    return log, core, data


def test_rejects_every_change_of_one_byte(small: tuple[Log, str, bytes]) -> None:
    """A changed name or key id of a witness makes its line unknown: it no longer counts."""
    log, core, data = small
    trust = log.trust()
    not_counted = 0
    hints: dict[str, str] = {}
    for at, byte in enumerate(data):
        changed = data[:at] + bytes([byte ^ 1 << at % 7]) + data[at + 1 :]
        try:
            verdict = verify(changed, trust, core)
        except RefusedError as error:
            hints[error.code] = error.hint
            continue
        assert verdict.codes[0] in {"quorum.missing", "replay.missing"}
        assert len(verdict.cosigners) == 1
        not_counted += 1
    # A reader cannot mend what others signed, only obtain it again.
    signed = {code: hint for code, hint in hints.items() if code.startswith(SIGNED)}
    assert {"encoding.json", "token.form"} <= signed.keys()
    assert set(signed.values()) == {NOT_FOR_SIGNERS}
    names = len(PLAIN.verifier.name) + len(CUSTOMS.verifier.name)
    assert names <= not_counted <= names + 2 * 7  # and the key ids in base64


def test_rejects_every_truncation(small: tuple[Log, str, bytes]) -> None:
    log, core, data = small
    trust = log.trust()
    for cut in range(len(data)):
        with pytest.raises(RefusedError):
            verify(data[:cut], trust, core)


def test_rejects_the_passport_of_another_item(log: Log, unit: str, core: str) -> None:
    for shown in ("01/09521234543213/21/U0004", core):
        refused("passport.item", log.passport(shown), log, unit)
    refused("passport.item", log.passport(unit), log, core)


def test_rejects_a_passport_whose_item_was_renamed(log: Log, passport: Passport) -> None:
    other = "01/09521234543213/21/U0009"
    chain = replace(passport.chains[0], item=other)
    renamed = replace(passport, item=other, chains=(chain, *passport.chains[1:]))
    assert refused("map.proof", renamed, log, other).chain == other


def test_rejects_items_that_the_ledger_may_not_speak_for(
    log: Log, passport: Passport, unit: str
) -> None:
    refused("trust.item", passport, log, unit, items=("01/0952124", "8004/9521234"))


def test_rejects_another_ledger(log: Log, passport: Passport, unit: str) -> None:
    error = refused("trust.founding", passport, log, unit, founding=log.events[1].id)
    assert error.chain == "ledger"
    refused("note.signature", passport, log, unit, origin="ledger.example/other")


def test_rejects_a_token_of_another_ledger(log: Log, unit: str) -> None:
    event = log.add("export", unit, by="carrier", aud="ledger.example/cq-2")
    error = refused("chain.ledger", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


# Checkpoint and seal


def test_rejects_a_checkpoint_that_the_log_did_not_sign(
    log: Log, passport: Passport, unit: str
) -> None:
    checkpoint = parse_checkpoint(parse_note(passport.checkpoint).text)
    for signer in (NoteSigner(ORIGIN, STRANGER), NoteSigner(ORIGIN, CUSTOMS.signer)):
        note = sign_checkpoint(checkpoint, [signer])
        refused("note.signature", replace(passport, checkpoint=note), log, unit)


def test_rejects_a_checkpoint_that_only_a_replaced_key_signed(
    log: Log, passport: Passport, unit: str
) -> None:
    retired = RetiredKey(format_vkey(LOG.verifier), 5, bytes(32))
    refused("note.signature", passport, log, unit, until=(retired,))


def test_signature_line_that_the_policy_does_not_name_counts_for_nothing(
    log: Log, unit: str
) -> None:
    passport = log.passport(unit, times=(NOW - 60, 0))
    text = parse_note(passport.checkpoint).text
    other = replace(CUSTOMS, name="customs.example/w2")
    note = add_signatures(passport.checkpoint, [cosign(text, NOW, other)])
    verdict = verify(replace(passport, checkpoint=note), log.trust(), unit)
    assert verdict.codes == ("quorum.missing", "replay.missing")
    assert [cosigner.name for cosigner in verdict.cosigners] == ["plain"]


def test_rejects_cosignatures_of_another_checkpoint(
    log: Log, passport: Passport, unit: str
) -> None:
    log.add("recall", unit, by="approver")
    later = parse_note(log.passport(unit).checkpoint)
    note = parse_note(passport.checkpoint)
    mixed = add_signatures(
        sign_checkpoint(parse_checkpoint(note.text), [LOG]), later.signatures[1:]
    )
    refused("note.signature", replace(passport, checkpoint=mixed), log, unit)


def test_rejects_a_forged_seal(log: Log, passport: Passport, unit: str) -> None:
    seal = parse_seal(passport.seal)
    forged = format_seal(replace(seal, map_root=bytes(32)))
    refused("merkle.proof", replace(passport, seal=forged), log, unit)
    earlier = format_seal(replace(seal, index=seal.index - 1))
    refused("seal.last", replace(passport, seal=earlier), log, unit)
    refused("seal.form", replace(passport, seal=b"traceledger/seal/v1\n"), log, unit)


def test_rejects_an_older_seal_under_a_newer_checkpoint(
    log: Log, passport: Passport, unit: str
) -> None:
    log.add("recall", unit, by="approver")
    newer = log.passport(unit)
    stale = replace(passport, checkpoint=newer.checkpoint)
    refused("seal.last", stale, log, unit)
    refused("merkle.proof", replace(newer, seal_proof=newer.seal_proof[:-1]), log, unit)


def test_rejects_an_event_at_the_place_of_the_seal(log: Log, passport: Passport, unit: str) -> None:
    size = len(log.events)
    bare = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), [LOG])
    refused("seal.last", replace(passport, checkpoint=bare), log, unit)


def test_rejects_a_wrong_map_proof(log: Log, passport: Passport, unit: str, core: str) -> None:
    swapped = change_chain(passport, unit, map_proof=part(passport, core).map_proof)
    assert refused("map.proof", swapped, log, unit).chain == unit
    cut = change_chain(passport, core, map_proof=part(passport, core).map_proof[1:])
    assert refused("map.proof", cut, log, unit).chain == core


def test_rejects_an_item_that_is_not_in_the_map(log: Log, unit: str) -> None:
    absent = "01/09521234543213/21/ABSENT"
    passport = log.passport(unit)
    chain = replace(part(passport, unit), item=absent)
    moved = replace(passport, item=absent, chains=(chain, *passport.chains[1:]))
    refused("map.proof", moved, log, absent)


# Chains


@pytest.mark.parametrize("hidden", [1, 2])
def test_rejects_a_chain_whose_latest_events_are_hidden(log: Log, unit: str, hidden: int) -> None:
    log.add("recall", unit, by="approver")
    passport = log.passport(unit)
    cut = change_chain(passport, unit, events=part(passport, unit).events[:-hidden])
    error = refused("map.proof", cut, log, unit)
    assert error.chain == unit
    assert describe_result(error)["chain"] == unit


def test_rejects_a_hidden_recall_of_a_part(log: Log, unit: str, core: str) -> None:
    log.add("recall", core, by="importer")
    passport = log.passport(unit)
    cut = change_chain(passport, core, events=part(passport, core).events[:-1])
    assert refused("map.proof", cut, log, unit).chain == core


def test_rejects_a_hidden_revocation(log: Log, unit: str) -> None:
    key = f"key/{log.world.actors['approver'].signer.key.kid}"
    log.add("revoke_key", key, by="plant admin")
    passport = log.passport(unit)
    cut = change_chain(replace(passport, order=()), key, events=part(passport, key).events[:-1])
    assert refused("map.proof", cut, log, unit).chain == key


@pytest.mark.parametrize(
    ("seqs", "code"),
    [
        ([1, 2, 3, 4], "passport.chain"),
        ([0, 2, 3, 4], "map.proof"),
        ([0, 1, 2, 3, 4, 4], "map.proof"),
        ([1, 0, 2, 3, 4], "chain.seq"),
        ([0, 2, 2, 3, 4], "chain.seq"),
    ],
    ids=["first left out", "one left out", "last repeated", "two swapped", "one replaced"],
)
def test_rejects_a_chain_with_events_out_of_place(
    log: Log, passport: Passport, core: str, seqs: list[int], code: str
) -> None:
    events = part(passport, core).events
    odd = change_chain(passport, core, events=tuple(events[seq] for seq in seqs))
    refused(code, odd, log, odd.item)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"seq": 9}, "chain.seq"),
        ({"prev": "A" * 43}, "chain.prev"),
        ({"aud": "ledger.example/x"}, "chain.ledger"),
    ],
)
def test_rejects_a_log_that_accepted_an_event_in_a_false_place(
    log: Log, unit: str, claims: dict[str, Any], code: str
) -> None:
    event = log.add("export", unit, by="carrier", **claims)
    place = (len(log.chain(unit)) - 1, event.leaf)
    error = refused(code, log.passport(unit, heads={unit: place}), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


def test_rejects_an_event_of_another_chain(log: Log, unit: str) -> None:
    other = log.chain("01/09521234543213/21/U0004")[-1]
    events = part(log.passport(unit), unit).events
    lying = log.passport(unit, heads={unit: (len(events), other.leaf)})
    wire = log.wires[log.events.index(other)]
    error = refused("chain.item", change_chain(lying, unit, events=(*events, wire)), log, unit)
    assert (error.chain, error.event) == (unit, other.id)


def test_rejects_missing_and_extra_chains(log: Log, passport: Passport, unit: str) -> None:
    for chain in passport.chains[2:]:
        rest = tuple(one for one in passport.chains if one is not chain)
        refused("passport.chain", replace(passport, chains=rest), log, unit)
    for extra in ("8004/9521234C000003", "party/customs", "policy"):
        error = refused("passport.chain", log.passport(unit, extra=[extra]), log, unit)
        assert error.chain == extra


@pytest.mark.parametrize(
    "order",
    [[1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3, 2], [0, 1, 2, 2, 3], [0, 1, 1, 2], [0, 0, 1, 2], [0]],
)
def test_rejects_chains_in_another_order(
    log: Log, passport: Passport, unit: str, order: list[int]
) -> None:
    def reorder(document: dict[str, Any]) -> None:
        chains = document["chains"]
        document["chains"] = [chains[at] for at in order] + chains[4:]

    refused("passport.form", tampered(passport, reorder), log, unit)


# Signatures and fields


def test_rejects_an_event_signed_by_a_key_that_was_never_granted(log: Log, unit: str) -> None:
    event = log.add("recall", unit, by="approver")
    good = log.passport(unit)
    log.actors["approver"] = replace(log.actors["approver"], signer=STRANGER)
    log.wires.pop(), log.events.pop()
    forged = log.add("recall", unit, by="approver")
    assert forged.id != event.id
    wire = log.wires[-1]
    error = refused("passport.chain", change_wire(good, unit, forged.payload.seq, wire), log, unit)
    assert error.chain == f"key/{STRANGER.key.kid}"


def test_rejects_a_signature_by_another_key_under_a_good_kid(log: Log, unit: str) -> None:
    approver = log.actors["approver"]

    class Impostor:
        key = approver.signer.key

        def sign(self, message: bytes) -> bytes:
            return STRANGER.sign(message)

    log.actors["approver"] = replace(approver, signer=Impostor())
    event = log.add("recall", unit, by="approver")
    error = refused("signature.false", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


def test_rejects_a_disclosure_that_was_not_signed(log: Log, passport: Passport, unit: str) -> None:
    token, (good,) = split_wire(part(passport, unit).events[0])
    forged = make_disclosure("net_kg", "1.5", bytes)
    other = make_disclosure("bom", "B4", bytes)
    for disclosures, code in [
        ((forged,), "disclosure.digest"),
        ((other, good), "disclosure.digest"),
        ((good, good), "disclosure.order"),
        ((good[:-2],), "disclosure.form"),
    ]:
        changed = change_wire(passport, unit, 0, format_wire(token, disclosures))
        assert refused(code, changed, log, unit).event == log.chain(unit)[0].id


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"", "wire.form"),
        (b"~", "token.form"),
        (b"a.b.c~", "token.form"),
        (b"\xe4.b.c~", "passport.form"),
        (b"a" * 40_000 + b"~", "token.size"),
        (b"a.b.c~" + b"a" * 200_000 + b"~", "wire.size"),
    ],
)
def test_rejects_what_is_no_event(
    log: Log, passport: Passport, unit: str, wire: bytes, code: str
) -> None:
    def put(document: dict[str, Any]) -> None:
        document["chains"][0]["events"][1] = wire.decode("latin-1")

    data = tampered(passport, put)
    if code == "passport.form":
        data = data.replace("\xe4".encode(), b"\xe4")
    error = refused(code, data, log, unit)
    assert error.chain == ("" if code == "passport.form" else unit)


def test_rejects_more_than_a_mebibyte(log: Log, passport: Passport, unit: str) -> None:
    refused("passport.form", format_passport(passport) + b" " * (1 << 20), log, unit)
