"""Reading that fails while events are appended, as when a line to a database is cut."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.bench import Bench, clock, import_drafts
from tests.ledger.test_ledger_publish import check_everything
from traceledger.errors import StorageError
from traceledger.events.draft import Draft
from traceledger.ledger.writing.intake import read_wire

_READS = ("read_heads", "find_place", "read_chain", "find_event")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench.start(tmp_path)
    yield bench
    bench.ledger.close()


def fail_at(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, number: int, calls: Iterator[int]
) -> None:
    """Lets one of the next look-ups fail."""

    def failing(read: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: object) -> object:
            if next(calls) == number:
                raise StorageError("store.connect", "the server does not answer")
            return read(*given)

        return call

    for name in _READS:
        monkeypatch.setattr(bench.store, name, failing(getattr(bench.store, name)))


@pytest.mark.parametrize("together", [1, 3])
def test_a_look_up_that_fails_refuses_no_event(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """Its items would look as if they had no events, and a client does not repeat a refused one."""
    drafts = import_drafts(together)
    bench.ledger.append(bench.sign(drafts))
    received = {"result": "ok", "condition": "as removed"}
    following = [Draft(kind="receive", item=draft.item, data=received) for draft in drafts]
    wires = bench.sign(following, by="operator")
    requests = [[read_wire(wire, clock())] for wire in wires]
    answers: Sequence[object] = ()
    for number in count():
        with monkeypatch.context() as patch, contextlib.suppress(StorageError):
            fail_at(bench, patch, number, count())
            answers = bench.ledger.writer.append_group(requests)
            break
    assert number, "no look-up failed"
    assert len(answers) == together
    assert all(isinstance(answer, tuple) for answer in answers)
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)
