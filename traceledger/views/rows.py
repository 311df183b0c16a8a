"""Rows of a ledger: entries of the log, and what is known of an item now."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

__all__ = ["Entry", "Head", "HeadRow", "Search"]


class Entry(NamedTuple):
    """One leaf of the log: an event token or, with an empty item, a seal.

    `disclosures` is what follows the token in wire form; empty for none.
    """

    leaf_index: int
    leaf: bytes
    item: str
    seq: int
    kind: str
    body: bytes
    disclosures: bytes = b""


class Head(msgspec.Struct, frozen=True, rename={"life": "state"}):
    """What a signer must know of an item: its first and latest event and the latest's position."""

    first: str
    seq: int
    event: str
    life: str


class HeadRow(NamedTuple):
    """What is known of one item now; rebuilt from the entries at any time.

    `latest` is the log index of its latest event, `state` what the rules remember.
    """

    item: str
    seq: int
    head: bytes
    latest: int
    chain: str
    life: str
    part_no: str
    declaration: str
    state: bytes


class Search(NamedTuple):
    """What to look for; empty members match everything.

    `id_part` is any part of an id; `after` is the item that the last page ended with.
    """

    id_part: str = ""
    chain: str = ""
    life: str = ""
    part_no: str = ""
    declaration: str = ""
    after: str = ""
    limit: int = 100
