from __future__ import annotations

import random

import pytest

from tests.passports import change_wire, verify
from tests.verify.histories import CORES, UNIT, random_log
from traceledger.errors import TraceledgerError
from traceledger.rules.replay import Replay
from traceledger.verify import RefusedError


def log_life(replay: Replay, item: str) -> str:
    return str(getattr(replay.state(item), "life", ""))


def test_refuses_exactly_the_passports_that_hold_an_event_the_ledger_forbids() -> None:
    outcomes = {True: 0, False: 0}
    for seed in range(160):
        log = random_log(seed)
        replay = Replay(log.world.origin)
        for index, event in enumerate(log.events):
            replay.apply(index, event)
        illegal = {one.event for one in replay.illegal}
        for item in (UNIT, *CORES):
            passport = log.passport(item)
            shown = {event.id for part in passport.chains for event in log.chain(part.item)}
            legal = not shown & illegal
            outcomes[legal] += 1
            if legal:
                verdict = verify(passport, log.trust(), item)
                assert verdict.things[0].life == log_life(replay, item)
            else:
                with pytest.raises(RefusedError) as caught:
                    verify(passport, log.trust(), item)
                assert caught.value.event in illegal
    assert min(outcomes.values()) > 40


@pytest.mark.parametrize("seed", range(4))
def test_mixing_events_of_two_ledgers_never_crashes_and_never_verifies(seed: int) -> None:
    chance = random.Random(seed)
    log, other = random_log(seed), random_log(seed + 1)
    good = log.passport(CORES[1])
    wires = [wire for wire in other.wires if wire not in set(log.wires)]
    for part in good.chains:
        for seq in range(len(part.events)):
            mixed = change_wire(good, part.item, seq, chance.choice(wires))
            with pytest.raises(TraceledgerError):
                verify(mixed, log.trust(), CORES[1])
