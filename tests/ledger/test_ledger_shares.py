"""What one party may add to a chain is bounded, so that every part keeps its passport."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledger.bench import Bench
from traceledger.errors import ConflictError, NotAllowedError
from traceledger.events.token import parse_token
from traceledger.formats.passport import parse_passport
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.writing.chain_share import MAX_SHARE
from traceledger.views.history import PUBLIC


def flood(bench: Bench, item: str, kind: str, count: int = 400) -> int:
    """Appends events by the plant, one a request, until one is refused; returns the bytes."""
    world, added = bench.world, 0
    target: tuple[tuple[str, ...], ...] = ()
    data: dict[str, Any] = {"criteria": "x" * 500}
    by = "approver"
    if kind == "correct":
        target = (("target", item, world.replay.states[item].first),)
        data, by = {"reason": "x" * 500, "set_public": {"part_no": "A"}}, "importer"
    for _ in range(count):
        wire = world.sign(kind, item, data, by=by, refs=target)
        try:
            bench.ledger.append([wire])
        except NotAllowedError as error:
            if error.code != "chain.full":
                raise
            return added
        world.append(wire)
        bench.fed = len(world.wires)
        added += len(wire)
    raise AssertionError("nothing was refused")


def test_corrections_by_one_party_do_not_end_a_passport(bench: Bench) -> None:
    """800 corrections by one party left a recalled part without passport and page for ever."""
    core = bench.world.core()
    bench.feed()
    added = flood(bench, core, "correct")
    assert MAX_SHARE * 3 // 4 < added <= MAX_SHARE
    recall = bench.world.sign("recall", core, by="approver")
    bench.ledger.append([recall])
    bench.ledger.publish()
    passport = parse_passport(build_passport(bench.ledger, core, PUBLIC))
    shown = parse_token(passport.chains[0].events[-1].split(b"~")[0])
    assert shown.kind_name == "recall"


def test_a_full_chain_still_accepts_a_bounded_number_of_recalls(bench: Bench) -> None:
    core = bench.world.core()
    bench.feed()
    added = flood(bench, core, "correct") + flood(bench, core, "recall")
    assert MAX_SHARE < added <= 2 * MAX_SHARE


def test_another_party_is_not_affected(bench: Bench) -> None:
    core = bench.world.core()
    bench.feed()
    flood(bench, core, "correct")
    bench.ledger.append([bench.world.sign("customs_check", core, by="customs")])


def test_one_request_is_bounded_as_many_are(bench: Bench) -> None:
    world = bench.world
    core = world.core()
    bench.feed()
    target = (("target", core, world.replay.states[core].first),)
    data = {"reason": "x" * 500, "set_public": {"part_no": "A"}}
    for _ in range(160):
        world.add("correct", core, data, by="importer", refs=target)
    with pytest.raises(NotAllowedError) as caught:
        bench.feed()
    assert caught.value.code == "chain.full"


def test_profiles_of_one_party_do_not_end_the_passports_of_others(bench: Bench) -> None:
    """A carrier signs one export; its chain is then part of the unit's passport for ever."""
    for _ in range(60):
        profile = {"address": "x" * 500}
        bench.world.add("profile", "party/carrier", profile, by="carrier admin")
    with pytest.raises(NotAllowedError) as caught:
        bench.feed()
    assert caught.value.code == "chain.full"


def test_profiles_do_not_keep_the_root_from_dismissing_their_party(bench: Bench) -> None:
    bench.feed()
    world = bench.world
    for _ in range(25):
        world.add("profile", "party/carrier", {"address": "x" * 500}, by="carrier admin")
    world.dismiss("carrier")
    bench.feed()


def test_a_passport_that_is_too_large_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's own limit must not tell a plant to obtain the passport again."""
    core = bench.world.core()
    bench.feed()
    bench.ledger.publish()
    monkeypatch.setattr("traceledger.formats.passport.MAX_PASSPORT", 2000)
    with pytest.raises(ConflictError) as caught:
        build_passport(bench.ledger, core, PUBLIC)
    assert caught.value.code == "passport.size"
