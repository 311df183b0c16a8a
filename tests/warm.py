"""The program `traceledger`, started by a fork of a process that has its modules loaded.

The commands of the pages are 170 starts of the program, each of which takes half a second to load
what it imports. Other tests start the program itself.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from select import select

from traceledger_cli import commands
from traceledger_cli.main import main

_MODULES = ("traceledger.storage.opening", "traceledger.storage.sqlite.store")
_CLIENT = """\
#!{python} -IS
import os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.connect({address!r})
    variables = [f"{{name}}={{value}}" for name, value in os.environ.items()]
    parts = [os.getcwd(), str(len(sys.argv)), *sys.argv, *variables]
    socket.send_fds(connection, ["\\0".join(parts).encode("utf-8", "surrogateescape")], [0, 1, 2])
    sys.exit(int(connection.recv(16)))
"""


@contextmanager
def warm_program(folder: Path) -> Iterator[Path]:
    """Makes a folder for PATH whose `traceledger` starts by a fork of a process that waits."""
    address = folder / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen()
        client = folder / "traceledger"
        client.write_text(_CLIENT.format(python=sys.executable, address=str(address)))
        client.chmod(0o755)
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            env={"LANG": "C.UTF-8", "PATH": os.environ["PATH"]},
        )
    with process:
        yield folder


def _serve(listener: socket.socket) -> None:
    """Forks for each client until stdin ends; returns only in a process that runs the program."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            message, handles, _, _ = socket.recv_fds(connection, 1 << 20, 3)
            program = os.fork()
            if program == 0:
                connection.close()
                _become(message, handles)
                return
            code = os.waitstatus_to_exitcode(os.waitpid(program, 0)[1])
            connection.send(str(code if code >= 0 else 128 - code).encode())
            os._exit(0)
        connection.close()
    os._exit(0)


def _become(message: bytes, handles: list[int]) -> None:
    """Takes over the client's files, folder, arguments and environment."""
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    folder, count, *rest = message.decode("utf-8", "surrogateescape").split("\0")
    os.chdir(folder)
    sys.argv = rest[: int(count)]
    os.environ.clear()
    for variable in rest[int(count) :]:
        name, _, value = variable.partition("=")
        os.environ[name] = value


if __name__ == "__main__":
    for found in iter_modules(commands.__path__, f"{commands.__name__}."):
        import_module(found.name)
    for name in _MODULES:
        import_module(name)
    gc.freeze()  # a collection in a child would copy every page
    _serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
