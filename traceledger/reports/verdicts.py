"""The verdict of an account for people: its word, and a sentence that states why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traceledger.audit.figures import Figure
from traceledger.audit.sentence import choose_sentence
from traceledger.reports.words import Words

__all__ = ["describe_verdict", "state_verdict"]

Json = dict[str, Any]


def describe_verdict(account: Json, differences: Mapping[str, Figure], words: Words) -> str:
    """Describes in a sentence why an account has its verdict.

    `differences` are those of its due lines that do not close, None where the weight decides.
    """
    found = choose_sentence(account, differences)
    name = f"verdict.{found.name}"
    match found.name:
        case "closes" | "residuals":
            return words(name)
        case "balances":
            return words(name, n=found.open, all=f"{found.cores:,}")
        case "not_evaluated":
            return words(name, n=found.unknown)
        case "unjudged":
            return words(name, n=found.unjudged)
        case "findings":
            return words(name, n=found.high)
        case _:
            return words(name, n=found.lines, pieces=format(found.pieces, "f"))


def state_verdict(account: Json, differences: Mapping[str, Figure], words: Words) -> str:
    """States the word of the verdict, as the command line prints it, and that sentence."""
    sentence = describe_verdict(account, differences, words)
    return words("verdict.stated", word=words(f"word.{account['verdict']}"), sentence=sentence)
