"""Passports in which nothing is false, but something is wanting."""

from __future__ import annotations

from collections.abc import Iterator

from tests.passports import CUSTOMS, NOW, Log
from tests.vectors.case import Case, ahead, incomplete, packed, refused, verified
from tests.world import World
from traceledger.events.disclosure import digest_disclosure, format_wire
from traceledger.events.encoding import encode_base64url
from traceledger.formats.trust import RetiredKey
from traceledger.formats.vkey import format_vkey

__all__ = ["wanting"]


def wanting() -> Iterator[Case]:
    """All of them."""
    yield from _finality()
    yield from _newer()


def _finality() -> Iterator[Case]:
    log, unit, _ = packed()
    desc = "The trust file came from the ledger itself."
    yield incomplete("first-use", desc, ["trust.first-use"], log, unit, first_use=True)
    missing, replay, stale = "quorum.missing", "replay.missing", "age.stale"
    for name, desc, times, quorum, codes in [
        (
            "quorum-replayer-lacks",
            "The replaying witness did not sign.",
            (NOW, 0),
            "both",
            (missing, replay),
        ),
        (
            "quorum-plain-lacks",
            "The append-only witness did not sign.",
            (0, NOW),
            "both",
            (missing,),
        ),
        ("quorum-nobody", "No witness signed.", (0, 0), "both", (missing, replay)),
        (
            "quorum-not-replayed",
            "The quorum is met, the log not replayed.",
            (NOW, 0),
            "plain",
            (replay,),
        ),
        (
            "quorum-of-the-wrong-witness",
            "Another witness signed.",
            (NOW, 0),
            "customs",
            (missing, replay),
        ),
        ("quorum-none", "The policy asks for no witness.", (NOW, NOW), "none", ("quorum.none",)),
        (
            "cosigned-too-far-ahead",
            "One is 301 seconds ahead.",
            (NOW, NOW + 301),
            "both",
            (missing, replay),
        ),
        ("stale", "The quorum is a second too old.", (NOW - 86_401, NOW), "both", (stale,)),
        ("stale-replay", "The replay is a second too old.", (NOW, NOW - 86_401), "plain", (stale,)),
    ]:
        passport, trust = log.passport(unit, times=times), log.trust(quorum=quorum)
        yield incomplete(name, desc, codes, log, unit, passport=passport, trust=trust)
    desc = "The trust file names nobody who replays."
    yield incomplete("nobody-replays", desc, [replay], log, unit, trust=log.trust(replayed_by=""))
    retired = RetiredKey(format_vkey(CUSTOMS.verifier), 5, bytes(32))
    desc = "The replaying witness's key was replaced."
    trust = log.trust(until=(retired,))
    yield incomplete("witness-key-replaced", desc, [missing, replay], log, unit, trust=trust)
    desc = "Everything is wanting at once, in the order of the table."
    passport = log.passport(unit, times=(0, 0))
    codes = ("trust.first-use", missing, replay)
    yield incomplete("all-wanting", desc, codes, log, unit, passport=passport, first_use=True)


def _newer() -> Iterator[Case]:
    log, unit, core = packed()
    log.add("polish", unit, {"grain": 400}, by="operator")
    yield incomplete("unknown-kind", "An event of an unknown kind.", ["event.kind"], log, unit)
    log.add("test", unit, by="quality")
    log.add("recall", unit, by="approver")
    desc = "A step that may look forbidden only for our age; the recall counts."
    yield incomplete("unknown-kind-then-more", desc, ["event.kind"], log, unit)
    log, unit, core = packed()
    log.add("polish", core, by="operator")
    desc = "An unknown kind on the core."
    yield incomplete("unknown-kind-on-part", desc, ["event.kind"], log, unit)

    yield from _around_the_unjudged()
    yield from _open_values()

    world = World()
    core = world.core("ACCEPTED")
    log = Log(world)
    item = "x/component/1"
    parent = log.chain(core)[-1].id
    log.add(
        "salvage", item, {"_sd": {"mass": "A" * 43}}, by="operator", refs=[("parent", core, parent)]
    )
    log.add("clean", item, by="operator")
    log.add("recall", item, by="importer")
    trust = log.trust(items=("x/component/",))
    desc = "A thing that opens with an unknown kind has the state UNKNOWN."
    yield incomplete("unknown-kind-opens", desc, ["event.kind"], log, item, trust=trust)

    log, unit, _ = packed()
    log.add("rules", "ledger", {"version": 2}, by="root")
    yield incomplete("newer-rules", "The ledger follows newer rules.", ["rules.newer"], log, unit)
    log.add("test", unit, by="operator")
    target = ("target", unit, log.chain(unit)[-2].id)
    log.add("confirm", unit, by="customs", refs=[target])
    desc = "Then nothing is refused by a rule, and an unjudged confirmation attests nothing."
    yield incomplete("newer-rules-then-more", desc, ["rules.newer"], log, unit)
    log.add("polish", unit, by="operator")
    both = ["event.kind", "rules.newer"]
    yield incomplete("newer-rules-and-kind", "Both.", both, log, unit)
    log, unit, _ = packed()
    log.add("endorse", "party/plant", by="root")
    log.add("approve", unit, by="operator")
    desc = "What the party's keys may do is doubtful, so a missing role refuses nothing."
    yield incomplete("unknown-kind-on-party", desc, ["event.kind"], log, unit)


def _around_the_unjudged() -> Iterator[Case]:
    """Events about an event that could not be judged take back nothing before it."""
    newer = ["event.kind"]

    def target(log: Log, seq: int) -> list[tuple[str, ...]]:
        return [("target", unit, log.chain(unit)[seq].id)]

    for mark, by in (("recall", "approver"), ("hold", "quality")):
        log, unit, _ = packed()
        log.add(mark, unit, by=by)
        log.add("glow", unit, by=by)
        log.add("void", unit, by=by, refs=target(log, -1))
        desc = f"A void of an unknown kind does not take back the {mark} before it."
        yield incomplete(f"unknown-kind-voided-{mark}", desc, newer, log, unit)
        log, unit, _ = packed()
        log.add(mark, unit, by=by)
        log.add("glow", unit, by=by)
        log.add("void", unit, by=by, refs=target(log, -2))
        desc = f"A void cannot reach the {mark} before an unknown kind."
        yield incomplete(f"unknown-kind-between-{mark}", desc, newer, log, unit)
        log, unit, _ = packed()
        log.add("rules", "ledger", {"version": 2}, by="root")
        log.add(mark, unit, by=by)
        log.add("test", unit, by="quality")
        log.add("void", unit, by="quality", refs=target(log, -1))
        desc = f"Under newer rules, a void of an unjudged test leaves the {mark} before it."
        codes = ["rules.newer"]
        yield incomplete(f"newer-rules-voided-{mark}", desc, codes, log, unit)
    for kind, data, by in (
        ("correct", {"set_public": {"reason": "x"}}, "quality"),
        ("confirm", {}, "customs"),
        ("erase", {"fields": ["report_sha256"]}, "quality"),
    ):
        log, unit, _ = packed()
        log.add("polish", unit, by="operator")
        log.add("test", unit, by="quality")
        log.add(kind, unit, data, by=by, refs=target(log, -1))
        desc = f"A {kind} of an event that could not be judged."
        yield incomplete(f"unjudged-target-of-{kind}", desc, newer, log, unit)
    yield from _voided_below_the_unjudged()
    world = World()
    core = world.core("IN_PROCESS")
    log = Log(world)
    log.add("polish", core, by="operator")
    refs = [("input", core, log.chain(core)[-1].id)]
    unit = "01/09521234543213/21/JOINED"
    log.add("assemble", unit, by="operator", refs=refs)
    log.add("test", unit, by="quality")
    desc = "A join that an unknown kind on the core leaves open, and the step after it."
    yield incomplete("unjudged-join-then-more", desc, newer, log, unit)


def _voided_below_the_unjudged() -> Iterator[Case]:
    """A core was taken apart into two components of a unit, and then the step was voided."""
    unit, parts = "01/09521234543213/21/JOINED", ("8004/9521234A000001", "8004/9521234B000001")
    for name, doubtful in (("first", parts[:1]), ("second", parts[1:]), ("every", parts)):
        world = World()
        core = world.core("IN_PROCESS")
        log = Log(world)
        outputs = [("output", part) for part in parts]
        taken = log.add("disassemble", core, {"output_count": 2}, by="operator", refs=outputs)
        for part in parts:
            log.add("harvest", part, by="operator", refs=[("parent", core, taken.id)])
        for part in doubtful:
            log.add("polish", part, by="operator")
        log.add("void", core, by="operator", refs=[("target", core, taken.id)])
        at = ahead(log, core)
        inputs = [("input", part, log.chain(part)[-1].id) for part in parts]
        refs = [*inputs, ("primary", parts[0])]
        log.add("assemble", unit, {"input_count": 2}, by="operator", refs=refs)
        for part in parts:
            log.add("consume", part, by="operator", refs=[("unit", unit, log.chain(unit)[0].id)])
        desc, case = f"An unknown kind on {name} component.", f"voided-above-unknown-kind-{name}"
        if doubtful == parts:
            yield incomplete(case, desc, ["event.kind"], log, unit)
        else:
            yield refused(case, desc, "life.void", log, unit, at)
    log, unit, core = packed()
    packing = log.chain(unit)[-1].id
    log.add("polish", core, by="operator", refs=[("target", core, packing)])
    log.add("void", unit, by="operator", refs=[("target", unit, packing)])
    desc = "An unknown kind on the core names the voided event, but under the core's own id."
    yield incomplete("voided-under-the-id-of-a-core", desc, ["event.kind"], log, unit)


def _open_values() -> Iterator[Case]:
    """Restricted values whose form no type bounds: of an unknown kind, and in a correction."""
    for levels, deep in [(7, False), (8, True)]:
        log, unit, _ = packed()
        text = b'["' + b"s" * 22 + b'","trace",' + b"[" * levels + b"]" * levels + b"]"
        disclosure = encode_base64url(text).encode()
        digests = {"_sd": {"trace": digest_disclosure(disclosure)}}
        event = log.add("polish", unit, digests, by="operator")
        log.wires[-1] = format_wire(event.token, (disclosure,))
        if deep:
            desc, at = "With the brackets around it, the value has nine levels.", ahead(log, unit)
            yield refused("disclosure-deep", desc, "encoding.json", log, unit, at)
        else:
            desc = "With the brackets around it, the value has eight levels."
            yield incomplete("unknown-kind-disclosed", desc, ["event.kind"], log, unit)
    log, unit, _ = packed()
    target = ("target", unit, log.chain(unit)[-1].id)
    data = {"set_internal": {"notes": "x" * 40_000}}
    log.add("correct", unit, data, by="operator", refs=[target])
    desc = "A restricted value that is larger than a token may be."
    yield verified("good-large-disclosure", desc, log, unit)
