from __future__ import annotations

import time
from pathlib import Path

from tests.api.in_process import InProcess
from tests.api.site import NOW, PASSPHRASE, URL, running
from tests.world import World
from traceledger_api.app import create_app, open_context


def test_map_is_built_at_the_start_and_not_by_the_first_request(tmp_path: Path) -> None:
    """The first buyer of the day must not wait until a map of a million items is built."""
    with running(tmp_path / "ledger", World()) as site:
        home, size = site.home, site.context.news.published.size
    context = open_context(home, PASSPHRASE, clock=lambda: float(NOW))
    with InProcess(create_app(context), URL, "127.0.0.1"):
        while size not in context.ledger.maps._kept:  # the test's time limit ends this
            time.sleep(0.01)
