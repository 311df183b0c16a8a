"""How many cores could differ, given what a random sample of them showed.

The bound is exact for a draw without replacement: the largest number of differing cores with which
a sample shows no more than it did with a probability above 5 %, the lower tail of the
hypergeometric distribution.
It assumes that nobody chose the seed, or one of several samples, by what it draws. All numbers are
integers.
"""

from __future__ import annotations

from math import comb
from typing import NamedTuple

from traceledger.formats.sample import SampleStatement

__all__ = ["CONFIDENCE", "SampleBound", "bound_sample", "most_differing"]

CONFIDENCE = 95
"""In percent: if more cores than the bound differ, so many of all draws show more of them."""


class SampleBound(NamedTuple):
    """What a sample shows: of `frame` cores, at most `most` differ, with the given confidence.

    `drawn` cores were drawn, of which `differing` differ or were not found. Those that were not
    examined count as differing for `most`, because who examined the others chose them.
    """

    frame: int
    drawn: int
    differing: int
    unexamined: int
    most: int


def bound_sample(statement: SampleStatement) -> SampleBound | None:
    """Computes what a sample shows.

    None if no core was examined, or if the statement has not as many cores as were drawn.
    """
    frame, drawn = statement.frame, len(statement.results)
    if not statement.examined or drawn != min(statement.size, frame):
        return None
    differing = statement.count("differs") + statement.count("not_found")
    unexamined = drawn - statement.examined
    most = most_differing(frame, drawn, differing + unexamined)
    return SampleBound(frame, drawn, differing, unexamined, most)


def most_differing(frame: int, drawn: int, differing: int) -> int:
    """Returns the upper confidence bound on the differing cores of a frame.

    `differing` of the `drawn` cores differ, and 0 <= differing <= drawn <= frame.
    """
    least, beyond = differing, frame - drawn + differing + 1
    while beyond - least > 1:
        middle = (least + beyond) // 2
        if _is_plausible(frame, drawn, differing, middle):
            least = middle
        else:
            beyond = middle
    return least


def _is_plausible(frame: int, drawn: int, differing: int, bad: int) -> bool:
    """Reports whether a sample shows so few of `bad` differing cores in more than 5 % of draws."""
    shown = max(0, drawn - (frame - bad))
    ways = comb(bad, shown) * comb(frame - bad, drawn - shown)
    total = ways
    for more in range(shown + 1, differing + 1):
        ways = ways * (bad - more + 1) * (drawn - more + 1)
        ways //= more * (frame - bad - drawn + more)
        total += ways
    return total * 100 > comb(frame, drawn) * (100 - CONFIDENCE)
