from __future__ import annotations

import httpx
import pytest

from tests.client.served import URL, Served
from tests.forging import Forger
from tests.world import World
from traceledger.client.hammer import Tracker
from traceledger.client.transport import Transport
from traceledger.errors import VerificationError


def forge(life: str, events: int) -> Forger:
    world = World()
    log = Forger(world)
    while log.size < events:
        world.core(life)
        log.follow()
    log.publish()
    return log


def test_two_histories_shown_to_two_readers_are_noticed() -> None:
    """A load test that compares each proof only with its own checkpoint would pass on a fork."""
    honest, other = forge("ACCEPTED", 40), forge("RECEIVED", 60)
    tracker = Tracker(honest.trust())
    for log in (honest, other):
        files = log.files()
        transport = Transport(URL, client=httpx.Client(transport=Served(files)))
        if log is honest:
            assert tracker.see(files["checkpoint"], transport).size == log.size
            assert tracker.see(files["checkpoint"], transport).size == log.size
        else:
            with pytest.raises(VerificationError, match=r"hammer\.fork"):
                tracker.see(files["checkpoint"], transport)
