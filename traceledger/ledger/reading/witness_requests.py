"""Requests to witnesses as files: the request, the entries and the witness's answer.

A request folder contains `add-checkpoint` (C2SP tlog-witness) and, for a replaying witness, the
entry bundles from the size that it last cosigned, under their tlog-tiles paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from traceledger.errors import NotFoundError, UsageError, VerificationError
from traceledger.files.durable import list_folder, make_folder, write_file
from traceledger.files.new_folder import require_vacant_folder
from traceledger.formats.cosignature import CosignatureVerifier, check_cosignature
from traceledger.formats.note import SignatureLine, format_signatures, parse_note, parse_signatures
from traceledger.formats.witness import WitnessRequest, format_request
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.proofs import prove_consistency
from traceledger.merkle.tiles import ENTRIES, TILE_WIDTH, Tile, format_tile_path, tile_width
from traceledger.storage.store import CheckpointRow, CosignatureRow

__all__ = ["make_request", "open_answer", "require_request_folder", "write_request"]

_REQUEST = "add-checkpoint"
_RECENT = 1_000  # checkpoints that an answer may cosign


def make_request(ledger: LedgerReader, old: int) -> bytes:
    """Creates the request to a witness that last cosigned size `old`, 0 for never.

    Raises UsageError `witness.size` for a size beyond the newest checkpoint, and NotFoundError
    `ledger.unpublished`.
    """
    return _make_request(ledger, _newest(ledger), old)


def write_request(ledger: LedgerReader, old: int, folder: Path) -> int:
    """Writes a request folder with all entries from size `old`; returns the newest size.

    An earlier request there, complete or not, is replaced. Raises ConflictError `witness.folder`
    for a folder with anything else.
    """
    require_request_folder(folder)
    newest = _newest(ledger)
    request = _make_request(ledger, newest, old)
    make_folder(folder)
    for path, bundle in _bundles(ledger, old, newest.size):
        make_folder((folder / path).parent)
        write_file(folder / path, bundle)
    write_file(folder / _REQUEST, request)
    return newest.size


def require_request_folder(folder: Path) -> None:
    """Raises ConflictError `witness.folder` for a folder with anything but an earlier request."""
    # What a killed process left of a file begins with a point.
    earlier = folder.is_dir() and all(
        name in {_REQUEST, "tile"} or name.startswith(".") for name in list_folder(folder)
    )
    if not earlier:
        require_vacant_folder(folder, "witness.folder")


def open_answer(
    ledger: LedgerReader, answer: bytes, witnesses: Sequence[CosignatureVerifier]
) -> list[CosignatureRow]:
    """Checks a witness's answer against its key and finds the checkpoint that it cosigns.

    This may be any of the newest thousand, because the log may have grown since the request. Lines
    of other keys are ignored (C2SP signed-note). Of several lines of a witness, the newest counts,
    so that no answer adds many of them. Raises MalformedError `note.form`,
    VerificationError `note.signature`, UsageError `witness.unknown` if no line is of a given key,
    NotFoundError `ledger.unpublished`.
    """
    known = {(witness.name, witness.key_id): witness for witness in witnesses}
    signed = parse_signatures(answer)
    lines = [
        (line, known[line.name, line.key_id])
        for line in signed
        if (line.name, line.key_id) in known
    ]
    if not lines:
        names = ", ".join(sorted({line.name for line in signed}))
        raise UsageError("witness.unknown", f"no key is given for any witness that signed: {names}")
    false = None
    for row in ledger.newest_checkpoints(_RECENT):
        try:
            found = [_check_line(row, line, verifier) for line, verifier in lines]
        except VerificationError as error:
            false = false or error
        else:
            oldest_first = sorted(found, key=lambda cosignature: cosignature.time)
            return list({newest.witness: newest for newest in oldest_first}.values())
    raise false or NotFoundError("ledger.unpublished", "no checkpoint has been published yet")


def _newest(ledger: LedgerReader) -> CheckpointRow:
    row = next(iter(ledger.newest_checkpoints(1)), None)
    if row is None:
        raise NotFoundError("ledger.unpublished", "no checkpoint has been published yet")
    return row


def _make_request(ledger: LedgerReader, newest: CheckpointRow, old: int) -> bytes:
    if not 0 <= old <= newest.size:
        raise UsageError(
            "witness.size", f"old size {old} given, the newest checkpoint has size {newest.size}"
        )
    proof = prove_consistency(old, newest.size, ledger) if old else ()
    return format_request(WitnessRequest(old, proof, newest.note.encode()))


def _check_line(
    row: CheckpointRow, line: SignatureLine, verifier: CosignatureVerifier
) -> CosignatureRow:
    cosignature = check_cosignature(parse_note(row.note.encode()).text, line, verifier)
    written = format_signatures([line]).decode().rstrip("\n")
    return CosignatureRow(row.size, line.name, cosignature.time, written)


def _bundles(ledger: LedgerReader, old: int, size: int) -> Iterator[tuple[str, bytes]]:
    for index in range(old // TILE_WIDTH, -(-size // TILE_WIDTH)):
        start = index * TILE_WIDTH
        width = tile_width(ENTRIES, index, size)
        entries = ledger.read_bodies(start, start + width)
        yield format_tile_path(Tile(ENTRIES, index, width)), format_bundle(entries)
