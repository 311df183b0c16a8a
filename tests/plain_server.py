"""A plain file server: it knows nothing of the program, and answers with files or 404."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

__all__ = ["running", "serving_files"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_message: object, **_named: object) -> None:
        """Writes nothing among the results of the tests."""


@contextlib.contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """Serves a folder on loopback; yields its address."""
    with running(partial(_Quiet, directory=str(folder))) as address:
        yield address


@contextlib.contextmanager
def running(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Runs a server on loopback; yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
