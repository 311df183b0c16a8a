"""The port's witness as a program of its own: `traceledger witness serve` on this machine.

The log asks it over HTTP (C2SP tlog-witness) for each checkpoint of the story, and at the end for a
second history, which it must refuse.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import StorageError
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner, parse_note
from traceledger.formats.policy import PolicyWitness
from traceledger.formats.problem import parse_problem
from traceledger.formats.witness import WitnessRequest, format_request
from traceledger.ledger.cosigning import WitnessConnection, ask_witness
from traceledger.ledger.ledger import Ledger
from traceledger.merkle.hashing import leaf_hash
from traceledger_cli.extras import load

__all__ = ["PortWitness", "Served", "serve_witness"]

_END = 10.0  # seconds until the program must have ended


class Served(NamedTuple):
    """How many checkpoints a served witness cosigned, and the code by which it refused a fork."""

    checkpoints: int
    refusal: str


@dataclass(slots=True)
class PortWitness:
    """The running witness, as the log sees it; `checkpoints` counts what it cosigned."""

    address: str
    witness: PolicyWitness
    connection: WitnessConnection
    checkpoints: int = 0
    _size: int = 0

    def cosign(self, ledger: Ledger, log: NoteSigner) -> None:
        """Has the newest checkpoint cosigned; raises what `ask_witness` raises."""
        asked = ask_witness(ledger, self.witness, self.connection, [log.verifier], self._size)
        self.checkpoints, self._size = self.checkpoints + 1, asked.size

    def show_fork(self, ledger: Ledger, log: NoteSigner) -> str:
        """Shows it a second tree of the size cosigned last, and returns the code of its refusal."""
        newest = parse_checkpoint(parse_note(ledger.checkpoint()).text)
        other = Checkpoint(newest.origin, newest.size, leaf_hash(b"another history"))
        note = sign_checkpoint(other, [log])
        reply = self.connection.submit(format_request(WitnessRequest(newest.size, (), note)))
        if reply.status == 200:
            raise AssertionError("a witness cosigned two histories")
        return parse_problem(reply.body).code


@contextmanager
def serve_witness(
    folder: Path, passphrase: Path, witness: PolicyWitness, origin: str
) -> Iterator[PortWitness]:
    """Runs the append-only witness of a folder on a free port until the end of the block.

    `passphrase` is the file with the passphrase of its key, `origin` that of the log. The witness
    logs to `serve.log` in its folder. Raises
    StorageError `file.read` if it does not start, and UsageError `usage.extra` without the extra
    `[server]`.
    """
    cosigning = load("traceledger_api.cosigning", "a witness behind HTTP")
    command = [sys.executable, "-m", "traceledger_cli", "witness", "serve", str(folder)]
    options = ["--append-only", "--port", "0", "--log", "error", "--json"]
    secret = ["--passphrase-file", str(passphrase)]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options, *secret], stdout=subprocess.PIPE, stderr=log
        )
    try:
        line = process.stdout.readline() if process.stdout else b""
        address = json.loads(line or b"{}").get("address")
        if address is None:
            raise StorageError("file.read", f"the witness did not start: see {log.name}")
        with closing(cosigning.connect_witness(address, origin)) as connection:
            yield PortWitness(address, witness, connection)
    finally:
        process.terminate()
        process.wait(_END)
        if process.stdout:
            process.stdout.close()
