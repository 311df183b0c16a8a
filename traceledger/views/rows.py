"""Rows of a ledger: entries of the log and the current rows of items."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

__all__ = ["Entry", "Head", "HeadRow", "Search", "matches"]


class Entry(NamedTuple):
    """A leaf of the log: an event token or, with an empty item, a seal.

    `disclosures` follow the token in wire form; empty for none.
    """

    leaf_index: int
    leaf: bytes
    item: str
    seq: int
    kind: str
    body: bytes
    disclosures: bytes = b""


class Head(msgspec.Struct, frozen=True, rename={"life": "state"}):
    """An item's head for signers: its first and latest event and the position of the latest."""

    first: str
    seq: int
    event: str
    life: str


class HeadRow(NamedTuple):
    """The current row of an item, which can be rebuilt from the log at any time.

    `latest` is the log index of its latest event, `state` its encoded state. `declaration` lists
    the declaration lines that it is linked to, in order, separated by spaces.
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
    """The conditions of a search; empty members match everything.

    `id_part` is any part of an id; `after` is the last item of the previous page.
    """

    id_part: str = ""
    chain: str = ""
    life: str = ""
    part_no: str = ""
    declaration: str = ""
    after: str = ""
    limit: int = 100


def matches(row: HeadRow, wanted: Search) -> bool:
    """Reports whether a row meets all conditions of a search, apart from `after` and `limit`."""
    return (
        wanted.id_part in row.item
        and wanted.chain in {"", row.chain}
        and wanted.life in {"", row.life}
        and wanted.part_no in {"", row.part_no}
        and wanted.declaration in {"", *row.declaration.split()}
    )
