"""A worker process that checks signatures: `python -m traceledger.ledger.writing.signature_worker`.

It reads requests from standard input and writes answers to standard output; each message follows
its length in four bytes. The process ends when its input does, so it never outlives the ledger that
started it.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import IO

import msgspec

from traceledger.errors import VerificationError
from traceledger.events.keys import Jwk, load_jwk

__all__ = ["ALL_TRUE", "CheckRequest", "read_message", "write_message"]

ALL_TRUE = -1


class CheckRequest(msgspec.Struct, array_like=True, frozen=True):
    """Keys, and for each check the index of its key, the signed bytes and the signature.

    The answer is the index of the first failed check, or `ALL_TRUE`.
    """

    keys: list[Jwk]
    checks: list[tuple[int, bytes, bytes]]


def read_message(stream: IO[bytes]) -> bytes:
    """Reads a message; empty at the end of the stream."""
    return stream.read(int.from_bytes(stream.read(4)))


def write_message(stream: IO[bytes], data: bytes) -> None:
    """Writes a message and flushes the stream; inverse of `read_message`."""
    stream.write(len(data).to_bytes(4) + data)
    stream.flush()


def _check(request: CheckRequest) -> int:
    keys = [load_jwk(jwk) for jwk in request.keys]
    for number, (key, signed, signature) in enumerate(request.checks):
        try:
            keys[key].verify(signed, signature)
        except VerificationError:
            return number
    return ALL_TRUE


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the ledger closes the input
    decoder = msgspec.msgpack.Decoder(CheckRequest)
    # Unbuffered, so that no output remains to be written after the ledger has ended.
    with (
        open(sys.stdout.fileno(), "wb", buffering=0, closefd=False) as answers,
        contextlib.suppress(BrokenPipeError),
    ):
        while message := read_message(sys.stdin.buffer):
            answer = _check(decoder.decode(message))
            write_message(answers, msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    _main()
