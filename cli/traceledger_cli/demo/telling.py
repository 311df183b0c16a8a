"""What the demo says at its end, for somebody who never heard of any of this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from traceledger.verify import Verdict
from traceledger_cli.demo.run import Outcome
from traceledger_cli.demo.story import Story

__all__ = ["summarise"]


def summarise(outcome: Outcome) -> str:
    """The summary, about a screen of plain text."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from _happenings(outcome.story)
    yield ""
    yield "Who vouches for it"
    yield f"  {outcome.events:>6,}  events, each signed by whoever did it: a plant, a laboratory,"
    yield f"          a carrier and customs, with {outcome.keys} keys"
    yield f"  {outcome.items:>6,}  items, each with a chain that nobody can cut or reorder"
    yield f"  {outcome.checkpoints:>6,}  checkpoints of one log; two outside witnesses signed the last,"
    yield "          and customs' witness first replayed every event against the rules"
    yield ""
    yield "A buyer checks a part with two files and without a network"
    good, recalled = outcome.verdicts
    yield f"  $ {_command(outcome, outcome.passport.name, good.item)}"
    yield from _verdict(good)
    yield f"  $ {_command(outcome, outcome.recalled.name, recalled.item)}"
    yield from _verdict(recalled)
    yield f"  $ {_command(outcome, outcome.damaged.name, good.item)}"
    yield f"    refused: {outcome.tampered.meaning} [{outcome.tampered.code}]"
    yield "    This copy has one changed byte, a digit of a measured value."
    yield ""
    yield f"Made in {outcome.seconds:.0f} seconds, in {outcome.folder}."
    yield "All its keys have the passphrase “demo”."


def _happenings(story: Story) -> Iterator[str]:
    grades = Counter(fate.grade for fate in story.fates)
    failed = sum(fate.fails_first_test for fate in story.remade)
    left = grades["C"] + grades["S"]
    yield ""
    yield "What happened"
    yield f"  {len(story.fates):>6,}  used control modules came in on one customs declaration"
    yield f"  {len(story.remade):>6,}  became remanufactured units, one each, and were exported"
    yield f"  {failed:>6,}  of these failed their first test, were repaired and passed the second"
    yield f"  {grades['R']:>6,}  were rejected and returned abroad"
    yield f"  {left:>6,}  are still in the zone: {grades['C']} for parts, {grades['S']} as scrap"
    yield "       1  unit was held by customs and released; 1 record was corrected in the open"
    yield "       1  exported unit was recalled"
    yield "       1  bench lost its key: what it signed before stays valid, its next event was"
    yield f"          refused [{story.refusal}]"


def _command(outcome: Outcome, file: str, item: str) -> str:
    folder = outcome.folder
    return f"traceledger verify {folder / file} --trust {outcome.trust} --item {item}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    since = datetime.fromtimestamp(verdict.as_of or 0, UTC)
    state = verdict.things[0].life.lower()
    yield f"    {verdict.result}: genuine and complete as of {since:%Y-%m-%d %H:%M} UTC; {state}"
    for recall in verdict.recalls:
        yield f"    RECALLED: {recall.action.replace('_', ' ')}; ask {recall.contact}"
