"""The Merkle tree and the map of latest heads."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "merkle.proof": Code(
        "A Merkle proof does not lead to the root.",
        "Do not rely on this data. Obtain it again; if it fails again, report it.",
    ),
    "merkle.tile": Code(
        "A tile or its path cannot exist in a tree of this size.",
        "Obtain the file again from its source.",
    ),
    "merkle.range": Code(
        "An index, a size or an entry is out of range.",
        "Use an index below the size of a published checkpoint.",
    ),
    "map.proof": Code(
        "A proof about an item's latest event does not lead to the sealed map root.",
        "Do not rely on this data. Obtain it again; if it fails again, report it.",
    ),
    "map.order": Code(
        "The items of the map are not in ascending order of key, or a key is repeated.",
        "Read them in key order. If the order comes from the database, run `traceledger rebuild`.",
    ),
    "map.item": Code(
        "A proof was requested that an item is in the map, or is not, but the opposite is true.",
        "Request the other proof.",
    ),
    "map.bits": Code(
        "The number of buckets of the map, or a bucket, is out of range.",
        "Use 0 to 20 bucket bits, and bucket numbers below two to that power.",
    ),
    "map.stale": Code(
        "The stored items do not hash to the map root in the seal.",
        "Read the items as of the last seal; if you did, the database was changed: verify it.",
    ),
}
