"""Logs with one JSON object per line: the event, the request id, and nothing secret.

A path is logged as the pattern that it matched: a unit's serial opens its page, so it never reaches
the log. Nor do the addresses of clients, tokens or bodies.
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
        """Returns one line, without the line break."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # The frames only: a message may contain what a client sent.
            line["error"] = record.exc_info[0].__name__
            line["frames"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return msgspec.json.encode(line).decode()


def configure_logs(level: str) -> None:
    """Sends every record to stderr as JSON, including those of the web server."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
