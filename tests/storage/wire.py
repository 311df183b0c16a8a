"""A line to a server that counts round trips: how often a client sends after an answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.postgresql import Server, new_folder

__all__ = ["Wire", "counting"]

_SOCKET = ".s.PGSQL.5432"
_SIZE = 65_536


@dataclass(slots=True)
class Wire:
    """Passes connections on from a socket in its folder."""

    folder: Path
    target: Path
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def trips(self) -> int:
        """Returns the number of round trips since the last call."""
        with self.lock:
            count, self.count = self.count, 0
        return count

    def accept(self, listener: socket.socket) -> None:
        """Passes every connection on until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.target))
                answered = threading.Event()
                answered.set()
                for source, target in ((near, far), (far, near)):
                    work = partial(self._pass, source, target, answered, asks=source is near)
                    threading.Thread(target=work, daemon=True).start()

    def _pass(
        self,
        source: socket.socket,
        target: socket.socket,
        answered: threading.Event,
        *,
        asks: bool,
    ) -> None:
        with contextlib.suppress(OSError), contextlib.closing(source):
            while data := source.recv(_SIZE):
                if not asks:
                    answered.set()
                elif answered.is_set():
                    answered.clear()
                    with self.lock:
                        self.count += 1
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def counting(server: Server) -> Iterator[Wire]:
    """Opens a line to a server; `folder` is the host in addresses."""
    with new_folder() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / _SOCKET))
        listener.listen()
        wire = Wire(folder, server.folder / _SOCKET)
        threading.Thread(target=wire.accept, args=(listener,), daemon=True).start()
        yield wire
        listener.shutdown(socket.SHUT_RDWR)
