"""Logs as one JSON object a line: what happened, with the request's id, and nothing secret.

Paths are logged as the pattern they matched: a unit's serial opens its page, so it is not written
down here. Neither are addresses of clients, tokens, or bodies.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import Any

import msgspec

__all__ = ["ACCESS", "SERVER", "JsonFormatter", "configure_logs"]

ACCESS = logging.getLogger("traceledger.access")
SERVER = logging.getLogger("traceledger.server")


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON; `extra={"fields": {...}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the line end."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # The frames only: a message may hold what a client sent.
            line["error"] = record.exc_info[0].__name__
            line["frames"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return msgspec.json.encode(line).decode()


def configure_logs(level: str) -> None:
    """Sends everything to stderr as JSON, the web server's own messages too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
