"""What the demo says at its end, for somebody who never heard of any of this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from traceledger.verify import Verdict
from traceledger_cli.demo.run import Outcome

__all__ = ["summarise"]


def summarise(outcome: Outcome) -> str:
    """The summary, about a screen of plain text."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    story = outcome.story
    grades = Counter(fate.grade for fate in story.fates)
    made = len(story.remade)
    failed = sum(fate.fails_first_test for fate in story.remade)
    good, recalled = outcome.verdicts
    yield ""
    yield "What happened"
    yield f"  {len(story.fates):>6,}  used control modules came in on one customs declaration"
    yield f"  {made:>6,}  became remanufactured units, each from one of them, and were exported"
    yield f"  {failed:>6,}  of these failed their first test, were repaired and passed the second"
    yield f"  {grades['R']:>6,}  were rejected and returned abroad"
    yield f"  {grades['C'] + grades['S']:>6,}  are still in the zone: {grades['C']} for parts, {grades['S']} as scrap"
    yield "       1  unit was held by customs and released; 1 record was corrected in the open"
    yield "       1  exported unit was recalled"
    yield "       1  bench lost its key; what it signed before stays valid, what it tried later"
    yield f"          was refused: {story.refusal}"
    yield ""
    yield "Who vouches for it"
    yield f"  {outcome.events:>6,}  events, each signed by whoever did it: a plant, a laboratory,"
    yield f"          a carrier and customs, with {outcome.keys} keys"
    yield f"  {outcome.items:>6,}  items, each with a chain of events that nobody can cut or reorder"
    yield f"  {outcome.checkpoints:>6,}  checkpoints of one log; two outside witnesses signed the newest one,"
    yield "          and customs' witness replayed every event against the rules first"
    yield ""
    yield "A buyer checks a part with two files and no network"
    yield f"  $ {_command(outcome, outcome.passport.name, story.good.unit)}"
    yield f"    {_verdict(good)}"
    yield f"  $ {_command(outcome, outcome.recalled.name, story.recalled.unit)}"
    yield f"    {_verdict(recalled)}"
    yield f"  $ {_command(outcome, outcome.damaged.name, story.good.unit)}"
    yield f"    refused: {outcome.tampered.message} [{outcome.tampered.code}]"
    yield "    (this copy has one changed byte)"
    yield ""
    yield f"Made in {outcome.seconds:.0f} seconds, in {outcome.folder}. All its keys have the passphrase “demo”."


def _command(outcome: Outcome, file: str, item: str) -> str:
    folder = outcome.folder
    return f"traceledger verify {folder / file} --trust {outcome.trust} --item {item}"


def _verdict(verdict: Verdict) -> str:
    since = datetime.fromtimestamp(verdict.as_of or 0, UTC)
    state = verdict.things[0].life.lower()
    record = f"{verdict.result} as of {since:%Y-%m-%d %H:%M} UTC: complete and genuine; the part is {state}"
    for recall in verdict.recalls:
        record += f"\n    RECALLED: {recall.action.replace('_', ' ')}; ask {recall.contact}"
    return record
