"""The archive: a whole ledger as files in tlog-tiles layout, for customs.

::

    README.txt                          what this is, and the commands to run
    checkpoint                          the newest note, with its witnesses' lines
    checkpoints/<size>                  every note that was published
    tile/<L>/<N>[.p/<W>]                hashes; tile/entries/<N>[.p/<W>] the entries themselves
    disclosures/<N>[.p/<W>]             one line an entry: what the recipient may see of it
    trust.json                          a convenience; the one that counts comes from elsewhere

Tools that know tlog-tiles read it unchanged. A disclosures file stands beside its entry bundle and
holds one line an entry, `disclosure~disclosure~`, empty for none.
"""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.errors import MalformedError
from traceledger.merkle.tiles import ENTRIES, Tile, format_tile_path

__all__ = [
    "CHECKPOINT",
    "CHECKPOINTS",
    "DISCLOSURES",
    "MAX_BUNDLE",
    "MAX_DISCLOSURES",
    "README",
    "README_TEXT",
    "TRUST",
    "checkpoint_path",
    "disclosures_path",
    "entries_path",
    "format_disclosures",
    "parse_disclosures",
]

CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints"
DISCLOSURES = "disclosures"
TRUST = "trust.json"
README = "README.txt"
MAX_BUNDLE = 256 * (2 + 65_535)
MAX_DISCLOSURES = 256 * 128 * 1024

README_TEXT = """This is the whole of a traceledger ledger, for whoever audits it.

It proves itself: every event is signed, every event is a leaf of one Merkle log,
and the checkpoint is signed by the ledger and its witnesses. To verify all of it,
without a network:

    pip install traceledger
    traceledger verify . --trust TRUST-FILE

Take the trust file from customs or from your contract, not from this folder:
trust.json here was put there by the ledger itself.
"""


def entries_path(index: int, width: int) -> str:
    """The path of an entry bundle."""
    return format_tile_path(Tile(ENTRIES, index, width))


def disclosures_path(index: int, width: int) -> str:
    """The path of the disclosures that belong to an entry bundle."""
    return entries_path(index, width).replace("tile/entries", DISCLOSURES, 1)


def checkpoint_path(size: int) -> str:
    """The path of the note that was published at that size."""
    return f"{CHECKPOINTS}/{size}"


def format_disclosures(entries: Iterable[bytes]) -> bytes:
    """Writes what follows each entry's token in wire form; inverse of `parse_disclosures`."""
    return b"".join(entry + b"\n" for entry in entries)


def parse_disclosures(data: bytes, width: int) -> tuple[tuple[bytes, ...], ...]:
    """Reads the disclosures of exactly `width` entries.

    Raises MalformedError `archive.disclosures`. Each disclosure is checked against its event later.
    """
    if len(data) > MAX_DISCLOSURES:
        raise MalformedError(
            "archive.disclosures", f"{len(data)} bytes given, {MAX_DISCLOSURES} allowed"
        )
    *lines, rest = data.split(b"\n")
    if rest or len(lines) != width:
        raise MalformedError("archive.disclosures", f"the file does not hold {width} whole lines")
    found = []
    for number, line in enumerate(lines, 1):
        *disclosures, end = line.split(b"~")
        if end:
            raise MalformedError(
                "archive.disclosures", "a disclosure does not end with ~", where=f"line {number}"
            )
        found.append(tuple(disclosures))
    return tuple(found)
