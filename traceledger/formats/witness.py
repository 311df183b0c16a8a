"""The request to cosign a checkpoint (C2SP tlog-witness, `add-checkpoint`), also as a file.

::

    old 2
    Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=

    ledger.example/reman
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — ledger.example/reman rTMau1NL8vaNxJS1ZUYbhpGpWplwMJLTacCZKhxQX6yiRha2k71/nH+A9hGm6/FMQlYe…
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from traceledger.errors import MalformedError
from traceledger.formats.encoding import decode_hash, encode_base64, parse_decimal

__all__ = [
    "MAX_REQUEST",
    "WitnessRequest",
    "format_monitoring_path",
    "format_request",
    "parse_request",
]

MAX_REQUEST = 1 << 16
_CODE = "witness.request"
_MAX_PROOF = 63


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """The size the witness last cosigned (0 for none), the consistency proof from it, the note."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def format_monitoring_path(origin: str) -> str:
    """Formats the path of the latest checkpoint that a witness cosigned for a log.

    The path is relative to the witness's monitoring prefix (C2SP tlog-witness).
    """
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"


def format_request(request: WitnessRequest) -> bytes:
    """Formats a request; inverse of `parse_request`."""
    proof = b"".join(encode_base64(value) + b"\n" for value in request.proof)
    return b"old %d\n%b\n%b" % (request.old, proof, request.checkpoint)


def parse_request(data: bytes) -> WitnessRequest:
    """Parses a request without opening its note; raises MalformedError `witness.request`."""
    if len(data) > MAX_REQUEST:
        raise MalformedError(_CODE, f"{len(data)} bytes given, {MAX_REQUEST} allowed")
    head, blank, checkpoint = data.partition(b"\n\n")
    first, *proof = head.split(b"\n")
    if not blank or not first.startswith(b"old ") or len(proof) > _MAX_PROOF:
        raise MalformedError(_CODE, "allowed: `old SIZE`, <= 63 hashes, a blank line, a checkpoint")
    old = parse_decimal(first.removeprefix(b"old "), _CODE, where="line 1")
    hashes = tuple(
        decode_hash(line, _CODE, where=f"line {number}") for number, line in enumerate(proof, 2)
    )
    return WitnessRequest(old, hashes, checkpoint)
