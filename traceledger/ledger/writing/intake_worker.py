"""A worker process that reads events: `python -m traceledger.ledger.writing.intake_worker`.

It checks forms, disclosures, acceptance and signatures. It reads requests from standard input and
writes answers to standard output; each message follows its length in four bytes. The process ends
when its input does, so it never outlives the ledger that started it.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import Mapping
from typing import IO

import msgspec

from traceledger.errors import TraceledgerError
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.packed import PackedEvent, pack_event, unpack_event
from traceledger.events.token import check_signature
from traceledger.ledger.writing.intake import Received, read_wire
from traceledger.planning.warnings import Warned

__all__ = ["IntakeRequest", "decode_answer", "read_message", "unpack_received", "write_message"]

_YOUNG = 20_000  # objects between two collections of garbage, of which events create none


class IntakeRequest(msgspec.Struct, array_like=True, frozen=True):
    """Events in wire form, the ledger's keys by kid, and the arguments of `read_wire`.

    The answer to each event is a `PackedReceived`, or None unless it passed every check.
    """

    now: float
    warn: bool
    keys: dict[str, Jwk]
    wires: list[bytes]


class PackedReceived(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An event of a known kind that passed every check, without what its wire form shows."""

    event: PackedEvent
    lots: tuple[str, ...]
    warnings: tuple[Warned, ...]


decode_answer = msgspec.msgpack.Decoder(list[PackedReceived | None]).decode


def unpack_received(packed: PackedReceived, wire: bytes, number: int) -> Received:
    """Returns what `read_wire` returns for that wire, as checked and without the signature."""
    token, _, disclosures = wire.partition(b"~")
    event = unpack_event(packed.event, token)
    return Received(event, disclosures, packed.lots, packed.warnings, True, number)


def read_message(stream: IO[bytes]) -> bytes:
    """Reads a message; empty at the end of the stream."""
    return stream.read(int.from_bytes(stream.read(4)))


def write_message(stream: IO[bytes], data: bytes) -> None:
    """Writes a message and flushes the stream; inverse of `read_message`."""
    stream.write(len(data).to_bytes(4) + data)
    stream.flush()


def _read(request: IntakeRequest) -> list[PackedReceived | None]:
    keys = {kid: load_jwk(jwk) for kid, jwk in request.keys.items()}
    return [_pack(wire, keys, request) for wire in request.wires]


def _pack(
    wire: bytes, keys: Mapping[str, PublicKey], request: IntakeRequest
) -> PackedReceived | None:
    try:
        received = read_wire(wire, request.now, warn=request.warn)
        event = received.event
        key = keys.get(event.kid)
        if key is None or event.kind is None:
            return None
        check_signature(event, key)
    except TraceledgerError:
        return None
    return PackedReceived(pack_event(event), received.lots, received.warnings)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the ledger closes the input
    gc.freeze()
    gc.set_threshold(_YOUNG)
    decoder = msgspec.msgpack.Decoder(IntakeRequest)
    encoder = msgspec.msgpack.Encoder()
    # Unbuffered, so that no output remains to be written after the ledger has ended.
    with (
        open(sys.stdout.fileno(), "wb", buffering=0, closefd=False) as answers,
        contextlib.suppress(BrokenPipeError),
    ):
        while message := read_message(sys.stdin.buffer):
            write_message(answers, encoder.encode(_read(decoder.decode(message))))


if __name__ == "__main__":
    _main()
