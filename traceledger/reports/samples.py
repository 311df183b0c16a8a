"""What a sample shows, in a sentence, for reports, the command line and the console."""

from __future__ import annotations

from traceledger.audit.sample_bound import CONFIDENCE, bound_sample
from traceledger.formats.sample import SampleStatement
from traceledger.reports.words import Words

__all__ = ["describe_bound"]


def describe_bound(statement: SampleStatement, words: Words) -> str:
    """Describes how many cores could differ, given a sample; empty if no core was examined."""
    bound = bound_sample(statement)
    if bound is None:
        return ""
    figures = {name: f"{figure:,}" for name, figure in bound._asdict().items()}
    key = "sample.some" if bound.differing else "sample.none"
    sentences = [words(key, n=bound.differing, confidence=CONFIDENCE, **figures)]
    if bound.unexamined:
        sentences.append(words("sample.unexamined", n=figures["unexamined"]))
    return words("sentences").join(sentences)
