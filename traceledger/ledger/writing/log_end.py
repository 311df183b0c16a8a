"""The growing end of the log: its size, the open tiles and the peaks of its tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.merkle.edge import CompletedTile, TileEdge, read_edge
from traceledger.merkle.nodes import read_frontier
from traceledger.merkle.tree import Frontier
from traceledger.storage.store import Store

__all__ = ["LogEnd", "read_log_end"]


class LogEnd(NamedTuple):
    """The end of a log, all that appending needs of it."""

    edge: TileEdge
    frontier: Frontier

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.frontier.size

    def extended(self, leaves: Sequence[bytes]) -> tuple[LogEnd, tuple[CompletedTile, ...]]:
        """The end after these leaf hashes, and the tiles that they fill."""
        edge, tiles = self.edge.extended(leaves)
        return LogEnd(edge, self.frontier.extended(leaves)), tiles


def read_log_end(store: Store) -> LogEnd:
    """Reads the end of a stored log."""
    size = store.size()
    return LogEnd(read_edge(size, store), read_frontier(size, store))
