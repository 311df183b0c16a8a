"""The tables as SQLModel classes; their SQL, with guards and indexes, is in `migrations`."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

__all__ = [
    "CHECKPOINT",
    "COSIGNATURE",
    "DISCLOSURE",
    "ENTRY",
    "HEAD",
    "TILE",
    "Checkpoint",
    "Cosignature",
    "DeclaredItem",
    "Disclosure",
    "Head",
    "LogEntry",
    "TileRow",
]


class LogEntry(SQLModel, table=True):
    """A leaf of the log."""

    __tablename__ = "entry"
    index: int = Field(primary_key=True)
    leaf: bytes
    item: str
    seq: int
    kind: str
    body: bytes


class Disclosure(SQLModel, table=True):
    """The disclosures of an entry, as they follow its token."""

    __tablename__ = "disclosure"
    index: int = Field(primary_key=True)
    text: bytes


class TileRow(SQLModel, table=True):
    """A full tile and its root."""

    __tablename__ = "tile"
    level: int = Field(primary_key=True)
    index: int = Field(primary_key=True)
    root: bytes
    hashes: bytes


class Checkpoint(SQLModel, table=True):
    """A tree head, with its note once it is signed."""

    __tablename__ = "checkpoint"
    size: int = Field(primary_key=True)
    root: bytes
    note: str


class Cosignature(SQLModel, table=True):
    """A witness's signature line on a checkpoint."""

    __tablename__ = "cosignature"
    size: int = Field(primary_key=True)
    witness: str = Field(primary_key=True)
    time: int = Field(primary_key=True)
    line: str = Field(primary_key=True)


class Head(SQLModel, table=True):
    """The current row of an item."""

    __tablename__ = "head"
    item: str = Field(primary_key=True)
    seq: int
    head: bytes
    latest: int
    chain: str
    life: str
    part_no: str
    declaration: str
    state: bytes


class DeclaredItem(SQLModel, table=True):
    """One declaration line of an item; triggers on `head` write it."""

    __tablename__ = "declared_item"
    declaration: str = Field(primary_key=True)
    item: str = Field(primary_key=True)


def _table(model: type[SQLModel]) -> Table:
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # set by SQLAlchemy


ENTRY = _table(LogEntry)
DISCLOSURE = _table(Disclosure)
TILE = _table(TileRow)
CHECKPOINT = _table(Checkpoint)
COSIGNATURE = _table(Cosignature)
HEAD = _table(Head)
