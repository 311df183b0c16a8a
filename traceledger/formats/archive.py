"""The archive: a whole ledger as files in tlog-tiles layout, for customs.

::

    README.txt                          what this is, and the commands to run
    checkpoint                          the latest note, with its witnesses' lines
    checkpoints/<size>                  every published note
    tile/<L>/<N>[.p/<W>]                hashes; tile/entries/<N>[.p/<W>] the entries themselves
    disclosures/<N>[.p/<W>]             one line per entry: what the recipient may see of it
    trust.json                          a convenience; rely only on one from another source

Tools that support tlog-tiles read it unchanged. A disclosures file accompanies its entry bundle and
has one line per entry, `disclosure~disclosure~`, empty for none.
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
    "TRUST",
    "checkpoint_path",
    "disclosures_path",
    "entries_path",
    "format_disclosures",
    "format_readme",
    "parse_disclosures",
]

CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints"
DISCLOSURES = "disclosures"
TRUST = "trust.json"
README = "README.txt"
MAX_BUNDLE = 256 * (2 + 65_535)
MAX_DISCLOSURES = 256 * 128 * 1024

_README = """This is a complete traceledger ledger, for auditors.

It contains its own evidence: every event is signed, every event is a leaf of one
Merkle log, and the checkpoint is signed by the ledger and its witnesses. To verify
all of it without a network:

    pip install {distribution}
    traceledger --version --verbose
    traceledger verify . --trust TRUST-FILE

Install only {distribution}. Other distributions, such as traceledger without a
suffix, are different programs by different authors.

The second command prints the version and the SHA-256 of the program's files. Compare
it with the SHA256SUMS of the release, which you obtained through an independent
channel: FILES has this SHA-256. SHA256SUMS also lists the files to install:

    {wheel}
    {sdist}

The program that wrote this archive states of itself:

    {distribution} {version}
    SHA-256 of its files: {digest}

Obtain the trust file from customs or from your contract, not from this folder:
the trust.json here was written by the ledger itself.
"""


def format_readme(distribution: str, version: str, digest: str) -> bytes:
    """Formats the README for the program that writes the archive; `digest` is in hex."""
    stem = f"{distribution.replace('-', '_')}-{version}"
    text = _README.format(
        distribution=distribution,
        version=version,
        digest=digest,
        wheel=f"{stem}-py3-none-any.whl",
        sdist=f"{stem}.tar.gz",
    )
    return text.encode()


def entries_path(index: int, width: int) -> str:
    """Returns the path of an entry bundle."""
    return format_tile_path(Tile(ENTRIES, index, width))


def disclosures_path(index: int, width: int) -> str:
    """Returns the path of the disclosures of an entry bundle."""
    return entries_path(index, width).replace("tile/entries", DISCLOSURES, 1)


def checkpoint_path(size: int) -> str:
    """Returns the path of the note published at that size."""
    return f"{CHECKPOINTS}/{size}"


def format_disclosures(entries: Iterable[bytes]) -> bytes:
    """Formats what follows each entry's token in wire form; inverse of `parse_disclosures`."""
    return b"".join(entry + b"\n" for entry in entries)


def parse_disclosures(data: bytes, width: int) -> tuple[tuple[bytes, ...], ...]:
    """Parses the disclosures of exactly `width` entries.

    Raises MalformedError `archive.disclosures`. Each disclosure is checked against its event later.
    """
    if len(data) > MAX_DISCLOSURES:
        raise MalformedError(
            "archive.disclosures", f"{len(data)} bytes given, {MAX_DISCLOSURES} allowed"
        )
    *lines, rest = data.split(b"\n")
    if rest or len(lines) != width:
        raise MalformedError(
            "archive.disclosures", f"the file does not contain exactly {width} complete lines"
        )
    entries = []
    for number, line in enumerate(lines, 1):
        *disclosures, end = line.split(b"~")
        if end:
            raise MalformedError(
                "archive.disclosures", "a disclosure does not end with ~", where=f"line {number}"
            )
        entries.append(tuple(disclosures))
    return tuple(entries)
