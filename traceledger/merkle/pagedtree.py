"""The map of latest heads, whose nodes come from a store page by page as updates need them.

A page holds the nodes below one node, down to four levels: both children of every node on the way
from a bucket to the root are in the pages on that way. An update of a few items of a large map
reads a few pages for each of them and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import MapLeaf
from traceledger.merkle.headtree import HeadTree

__all__ = ["PagedHeadTree"]

_HEIGHT = 4  # levels of a page; of 20, a way to the root takes five pages of a kilobyte
_ABSENT, _READ, _CHANGED = range(3)


class PagedHeadTree(HeadTree):
    """A head tree of at least one bit that begins as what `read_page` gives.

    A page is known by the number of the node above its nodes; `read_page` gives what
    `changed_pages` yielded for it last, None when it never did. One owner at a time.
    """

    def __init__(
        self,
        bits: int,
        read_bucket: Callable[[int], Sequence[MapLeaf]],
        read_page: Callable[[int], bytes | None],
    ) -> None:
        super().__init__(bits, read_bucket)
        self._read_page = read_page
        self._pages = bytearray(self._nodes.first)  # the number of a page's node is smaller
        self._bring({1})
        self._nodes.join([1])

    def load(self, leaves: Iterable[MapLeaf]) -> None:
        """Builds the tree from all pairs, as in `HeadTree`; no page is read after that."""
        super().load(leaves)
        for level in self._page_levels():
            first = 1 << level
            self._pages[first : 2 * first] = bytes([_CHANGED]) * first

    def update(self, buckets: Iterable[int]) -> None:
        """Renews these buckets and all above them, as in `HeadTree`."""
        touched = set(buckets)
        below = self.bits - self._page_levels()[-1]  # levels of the lowest pages
        pages = {(self._nodes.first + bucket) >> below for bucket in touched}
        while pages:
            self._bring(pages)
            for page in pages:
                self._pages[page] = _CHANGED
            pages = {page >> _HEIGHT for page in pages if page > 1}
        super().update(touched)

    def changed_pages(self) -> Iterator[tuple[int, bytes]]:
        """Yields each page that changed since it was read or yielded last, with its node."""
        page = self._pages.find(_CHANGED)
        while page >= 0:
            self._pages[page] = _READ
            yield page, self.format_page(page)
            page = self._pages.find(_CHANGED, page)

    def format_page(self, page: int) -> bytes:
        """Encodes the nodes of a page: their hashes, level by level, then their counts."""
        spans = self._spans(page)
        hashes = [self._nodes.hashes[HASH_SIZE * low : HASH_SIZE * high] for low, high in spans]
        return b"".join(hashes) + b"".join(self._nodes.counts[low:high] for low, high in spans)

    def _bring(self, pages: Iterable[int]) -> None:
        for page in pages:
            if self._pages[page] == _ABSENT:
                data = self._read_page(page)
                if data is not None:
                    self._parse_page(page, data)
                self._pages[page] = _READ

    def _parse_page(self, page: int, data: bytes) -> None:
        spans = self._spans(page)
        at, counts = 0, HASH_SIZE * sum(high - low for low, high in spans)
        for low, high in spans:
            count = high - low
            self._nodes.hashes[HASH_SIZE * low : HASH_SIZE * high] = data[
                at : at + HASH_SIZE * count
            ]
            self._nodes.counts[low:high] = data[counts : counts + count]
            at, counts = at + HASH_SIZE * count, counts + count

    def _page_levels(self) -> range:
        return range(0, self.bits, _HEIGHT)

    def _spans(self, page: int) -> list[tuple[int, int]]:
        """The numbers of a page's nodes, a span a level."""
        below = min(_HEIGHT, self.bits - (page.bit_length() - 1))
        return [(page << level, (page + 1) << level) for level in range(1, below + 1)]
