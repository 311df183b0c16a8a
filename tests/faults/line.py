"""A line between a process and a server, which can be cut, also in the middle of a commit."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

__all__ = ["Line"]

_EVENTS = b"eyJ"  # a token: in a transaction with events, not in one with a seal only
_COMMITTED = b"COMMIT\0"  # the database's answer
_SIZE = 65_536


class Line:
    """Passes connections on from a port of its own to another port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._call: Callable[[], object] | None = None
        self._committed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """From now on nothing arrives, and nobody is told: packets are lost on the way."""
        self._open.clear()

    def mend(self) -> None:
        """Everything arrives again, also what was sent meanwhile."""
        self._open.set()

    def at_next_events(self, call: Callable[[], object], *, committed: bool) -> None:
        """Calls in the next transaction with events, which is lost with its connection.

        With `committed`, the database commits it, and the line is cut before the answer passes.
        """
        self._committed = committed
        self._call = call

    def close(self) -> None:
        """Refuses further connections."""
        self._open.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        """Passes a connection's bytes on until either end closes it."""
        self._open.wait()
        has_events = threading.Event()
        with contextlib.suppress(OSError), near, self._reach() as far:
            answers = threading.Thread(
                target=self._pump, args=(far, near, self._pass_answer, has_events), daemon=True
            )
            answers.start()
            self._pump(near, far, self._pass_request, has_events)
            answers.join()

    def _reach(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._target))

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        may_pass: Callable[[bytes, threading.Event], bool],
        has_events: threading.Event,
    ) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(_SIZE)) and may_pass(data, has_events):
                self._open.wait()
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_request(self, data: bytes, has_events: threading.Event) -> bool:
        if _EVENTS in data:
            has_events.set()
            if not self._committed and (call := self._take()):
                call()
                return False
        return True

    def _pass_answer(self, data: bytes, has_events: threading.Event) -> bool:
        if _COMMITTED in data and has_events.is_set():
            has_events.clear()
            if self._committed and (call := self._take()):
                self.cut()
                call()
        return True

    def _take(self) -> Callable[[], object] | None:
        call, self._call = self._call, None
        return call
