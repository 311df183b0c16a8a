"""Hooks of schemathesis: NDJSON as a media type, a fresh token, ids that exist."""

from __future__ import annotations

import os
import time
from typing import Any

import schemathesis

from tests.world import ORIGIN, World
from traceledger.formats.access_token import sign_access

WORLD = World()
UNIT = os.environ.get("UNIT", "")
LONGEST = 90


@schemathesis.serializer("application/x-ndjson")
def write_lines(_context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


if os.environ.get("READER"):

    @schemathesis.auth(refresh_interval=200)
    class Token:
        """The token of the reader that the test selects."""

        def get(self, _case: Any, _context: Any) -> str:
            actor = WORLD.actors[os.environ["READER"]]
            return sign_access(
                actor.signer,
                origin=ORIGIN,
                issuer=actor.iss,
                authority=actor.auth,
                now=int(time.time()),
                nonce=bytes(16),
            ).decode()

        def set(self, case: Any, data: str, _context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: Any) -> Any:
    """Uses an existing item half of the time; ids that are deliberately too long are kept."""
    item = str((path_parameters or {}).get("item", ""))
    if len(item) % 2 and len(item) <= LONGEST:
        return {**path_parameters, "item": UNIT}
    return path_parameters
