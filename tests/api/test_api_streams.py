"""A stream lasts as long as its token and shows what its key may read at each moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.api.site import API, Clock, Site, running
from tests.world import LINE_IN, World, make_signer
from traceledger.formats.access_token import LIFETIME


@pytest.fixture
def timed(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A server whose clock the test sets."""
    with running(tmp_path / "ledger", World(), clock=clock) as site:
        yield site


class Stream:
    """A stream from the newest event on, read in the background until it ends."""

    def __init__(self, site: Site, by: str) -> None:
        self._site = site
        self._lines: list[str] = []
        self._ended: Future[None] = site.client.start(self._read(site.token(by)))
        self.wait_for(": welcome")

    async def _read(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        size = self._site.context.news.published.size
        await self._site.client.read_lines(
            f"{API}/stream?after={size - 1}", headers, self._lines.append
        )

    def wait_for(self, text: str) -> None:
        """Waits until a line begins with the text."""
        for _ in range(500):
            if any(line.startswith(text) for line in self._lines):
                return
            self._site.client.pause(0.02)
        raise AssertionError(self._lines)

    def wait_for_end(self) -> None:
        self._ended.result(10)

    @property
    def is_open(self) -> bool:
        self._site.client.pause(0.3)
        return not self._ended.done()

    def events(self) -> list[dict[str, Any]]:
        lines = [line.removeprefix("data: ") for line in self._lines if line.startswith("data: {")]
        return [one for one in map(json.loads, lines) if "kind" in one]


def feed_import(site: Site, item: str) -> None:
    site.world.add("import", item, refs=(("declaration", LINE_IN),))
    site.feed()


def test_revoked_key_reads_nothing_more(timed: Site) -> None:
    stream = Stream(timed, "operator")
    feed_import(timed, "8004/9521234C000901")
    stream.wait_for("event: checkpoint")
    kid = make_signer("operator").key.kid
    timed.world.add("revoke_key", f"key/{kid}", {"reason": "lost"}, by="root")
    timed.feed()
    stream.wait_for_end()
    assert [event["kind"] for event in stream.events()] == ["import"]


def test_dismissed_party_reads_nothing_more(timed: Site) -> None:
    stream = Stream(timed, "customs")
    timed.world.add("dismiss", "party/customs", by="root")
    timed.feed()
    stream.wait_for_end()
    assert not stream.events()


def test_party_that_lost_its_role_reads_nothing_more(timed: Site) -> None:
    stream = Stream(timed, "customs")
    timed.world.admit("customs", ("carrier",), seed="2")
    timed.feed()
    stream.wait_for_end()
    assert not stream.events()


def test_narrowed_roles_hide_fields_from_the_next_batch_on(timed: Site) -> None:
    """The importer whose prefixes an item has sees customs fields; as an observer it does not."""
    timed.world.admit("trader", ("importer", "observer"), ["book/", "8004/9521234"])
    timed.world.add_key("trader", "trader", ["importer", "observer"])
    timed.feed()
    stream = Stream(timed, "trader")
    feed_import(timed, "8004/9521234C000901")
    stream.wait_for("event: checkpoint")
    timed.world.admit("trader", ("observer",), ["book/", "8004/9521234"], seed="2")
    timed.feed()
    feed_import(timed, "8004/9521234C000902")
    assert stream.is_open
    first, _, last = stream.events()
    assert "unit_value" in first["data"]
    assert "unit_value" in last["withheld"]


def test_stream_ends_with_its_token(timed: Site, clock: Clock) -> None:
    stream = Stream(timed, "operator")
    assert stream.is_open
    clock.now += LIFETIME
    feed_import(timed, "8004/9521234C000901")
    stream.wait_for_end()
    assert not stream.events()


def test_idle_stream_ends_with_its_token(timed: Site, clock: Clock) -> None:
    clock.now += LIFETIME - 0.2
    stream = Stream(timed, "operator")  # of a token that was signed at the start
    clock.now += 0.2
    stream.wait_for_end()
