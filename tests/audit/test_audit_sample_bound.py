"""The bound of a sample is what counting all draws gives."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import make_statement
from traceledger.audit.sample_bound import bound_sample, most_differing
from traceledger.formats.sample import MOST_DRAWN, Result, SampleRow
from traceledger.reports.samples import describe_bound
from traceledger.reports.words import words_of


def count_draws(frame: int, drawn: int, differing: int, bad: int) -> int:
    """Counts the draws that show at most so many of the cores below `bad`, by making them all."""
    return sum(
        sum(core < bad for core in cores) <= differing
        for cores in combinations(range(frame), drawn)
    )


def test_bound_is_the_largest_number_that_explains_more_than_a_twentieth_of_all_draws() -> None:
    for frame in range(10):
        for drawn in range(frame + 1):
            for differing in range(drawn + 1):
                possible = [
                    bad
                    for bad in range(differing, frame - drawn + differing + 1)
                    if 20 * count_draws(frame, drawn, differing, bad) > comb(frame, drawn)
                ]
                assert most_differing(frame, drawn, differing) == max(possible)


@given(st.data())
def test_bound_grows_with_what_differs_and_with_fewer_draws(
    data: st.DataObject,
) -> None:
    frame = data.draw(st.integers(1, 10**7))
    drawn = data.draw(st.integers(1, min(frame, MOST_DRAWN)))
    differing = data.draw(st.integers(0, drawn))
    bound = most_differing(frame, drawn, differing)
    assert differing <= bound <= frame - drawn + differing
    if differing < drawn:
        assert most_differing(frame, drawn, differing + 1) >= bound
        assert most_differing(frame, drawn - 1, differing) >= bound
    if drawn == frame:
        assert bound == differing


@pytest.mark.parametrize(
    ("results", "frame", "english", "chinese"),
    [
        (
            ("found",) * 59,
            1_000_000,
            (
                "59 of 1,000,000 cores were drawn at random and none differs: with 95 %"
                " confidence, at most 49,506 of the 1,000,000 differ."
            ),
            "从1,000,000件中随机抽取59件，无一不符：在95%置信度下，1,000,000件中至多49,506件不符。",
        ),
        (
            ("found", "differs", "not_found", ""),
            4,
            (
                "4 of 4 cores were drawn at random; 2 differ or were not found: with 95 %"
                " confidence, at most 3 of the 4 differ. 1 was not examined and counts as"
                " differing."
            ),
            (
                "从4件中随机抽取4件，2件不符或未找到：在95%置信度下，4件中至多3件不符。"
                "其中1件未查验，按不符计。"
            ),
        ),
        (("", ""), 9, "", ""),
        (("found", "found", "found"), 2, "", ""),
    ],
)
def test_sentence_never_claims_more_than_was_examined(
    results: tuple[Result, ...], frame: int, english: str, chinese: str
) -> None:
    rows = tuple(SampleRow(item=f"8004/{at}", result=each) for at, each in enumerate(results))
    statement = make_statement(results=rows, frame=frame, size=len(rows))
    assert describe_bound(statement, words_of("en")) == english
    assert describe_bound(statement, words_of("zh")) == chinese
    assert (bound_sample(statement) is None) == (not english)
