"""States and trails in a scratch file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from traceledger.rules.state import Goods, Trace
from traceledger.verify.scratch import states
from traceledger.verify.scratch.scratch import Scratch
from traceledger.verify.scratch.states import StoredStates

IDS = [f"{number:043}".encode() for number in range(50)]
TRACES = [Trace("draw_lot", f"party/{number % 3}") for number in range(50)]


@pytest.fixture
def lot() -> Iterator[StoredStates]:
    """The states of one lot with fifty events."""
    with closing(Scratch(None)) as scratch:
        scratch.states["lot/1"] = Goods(
            first="a", seq=0, head="a", chain="lot", party="party/0", life="OPEN"
        )
        for event, trace in zip(IDS, TRACES, strict=True):
            scratch.states.remember("lot/1", event, trace)
        yield scratch.states


def test_events_are_found_by_their_whole_ids(lot: StoredStates) -> None:
    trail = bytes(lot._young["lot/1"].trail)
    for event, trace in zip(IDS, TRACES, strict=True):
        assert lot.find("lot/1", event) == trace
    for other in (b"", IDS[0][:20], trail[5:48], trail[40:83], b"x" * 43):
        assert lot.find("lot/1", other) is None
    assert lot.find("lot/2", IDS[0]) is None


def test_trail_grows_without_being_copied(lot: StoredStates) -> None:
    """A lot with forty thousand events took eight seconds for copies of its trail alone."""
    trail = lot._young["lot/1"].trail
    lot.remember("lot/1", b"y" * 43, TRACES[0])
    assert lot._young["lot/1"].trail is trail
    assert lot.find("lot/1", b"y" * 43) == TRACES[0]


def test_trail_that_left_the_memory_is_continued(
    lot: StoredStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "_CACHED", 1)
    for number in range(2, 8):
        lot[f"lot/{number}"] = lot["lot/2"] if number > 2 else lot["lot/1"]
    assert "lot/1" not in {**lot._young, **lot._old}
    lot.remember("lot/1", b"y" * 43, TRACES[1])
    assert lot.find("lot/1", IDS[49]) == TRACES[49]
    assert lot.find("lot/1", b"y" * 43) == TRACES[1]
