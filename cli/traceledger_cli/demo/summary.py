"""The summary that the demo prints, for readers new to the subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from traceledger.verify import Verdict
from traceledger_cli.demo.run import Outcome
from traceledger_cli.demo.story import Story

__all__ = ["summarise"]


def summarise(outcome: Outcome) -> str:
    """Returns the summary, about a screen of plain text."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from _events(outcome.story)
    yield ""
    yield "Who vouches for it"
    yield _counted(
        outcome.events, "events, each signed by the party responsible: a plant, a laboratory,"
    )
    yield _more(f"a carrier, a recycler, a distributor and customs, with {outcome.keys} keys")
    yield _counted(outcome.items, "items, each with a chain that no one can cut or reorder")
    yield _counted(
        outcome.checkpoints, "checkpoints of one log; two outside witnesses cosigned the"
    )
    yield _more("last, after customs' witness had replayed every event against the rules")
    if outcome.served:
        yield _counted(
            outcome.served.checkpoints, "of them were cosigned over HTTP while the log grew; a"
        )
        yield _more(f"second history of the same size was refused [{outcome.served.refusal}]")
    yield ""
    yield "A buyer verifies a part with two files and without a network"
    good, recalled, _ = outcome.verdicts
    yield f"  $ {_command(outcome, outcome.passport.name, good.item)}"
    yield from _verdict(good)
    yield f"  $ {_command(outcome, outcome.recalled.name, recalled.item)}"
    yield from _verdict(recalled)
    yield f"  $ {_command(outcome, outcome.damaged.name, good.item)}"
    yield f"    refused: {outcome.tampered.meaning} [{outcome.tampered.code}]"
    yield "    This copy has one changed byte, a digit of a measured value."
    yield ""
    yield "Customs verify the whole ledger, every byte of it"
    counts = outcome.audited.counts
    yield f"  $ traceledger verify {outcome.archive} --trust {outcome.trust}"
    yield f"    {outcome.audited.result}: {counts.events:,} events, {counts.seals} seals,"
    shown, erased = counts.disclosures, counts.erased
    yield f"    {shown:,} customs fields disclosed, {erased} internal field erased"
    yield ""
    yield "Customs close the bonded account in the same pass"
    account = outcome.account
    found = [finding["code"] for finding in account["findings"]]
    yield f"  $ traceledger audit {outcome.archive} --trust {outcome.trust}"
    yield f"    {account['verdict']}: {account['open_cores']} core is still in the plant;"
    yield f"    {len(found)} findings: {', '.join(found)}"
    yield "    INT-06: a unit was moved while its station had no network, and the move was"
    yield "    recorded four days late. COR-03: customs have not yet answered a correction."
    yield ""
    yield f"Created in {outcome.seconds:.0f} seconds, in {outcome.folder}."
    yield "All keys have the passphrase “demo”."


def _events(story: Story) -> Iterator[str]:
    grades = Counter(fate.grade for fate in story.fates)
    failed = sum(fate.fails_first_test for fate in story.remade)
    remade, waste = len(story.remade), story.scrapped
    yield ""
    yield "What happened"
    yield _counted(
        len(story.fates), "used control modules were imported on one customs declaration"
    )
    yield _counted(remade, "became remanufactured units; all but one were exported, one was sold")
    yield _more("domestically with duty paid")
    yield _counted(failed, "of these failed their first test, were repaired and passed the second")
    yield _counted(grades["R"], "were rejected and returned abroad")
    yield _counted(
        grades["C"], "were disassembled: their housings went into other units, whose own"
    )
    yield _more("housings were worn out")
    yield _counted(
        waste, "boards, housings and broken cores went into a waste lot, which a recycler"
    )
    yield _more("destroyed and customs confirmed")
    yield _counted(1, "unit was held by customs and released; 1 record was corrected in the open")
    yield _counted(1, "exported unit was recalled; 1 came back and was remanufactured again")
    yield _counted(1, "bench lost its key: what it signed before stays valid, its next event was")
    yield _more(f"refused [{story.refusal}]")


def _counted(count: int, what: str) -> str:
    return f"  {count:>6,}  {what}"


def _more(what: str) -> str:
    return f"          {what}"


def _command(outcome: Outcome, file: str, item: str) -> str:
    folder = outcome.folder
    return f"traceledger verify {folder / file} --trust {outcome.trust} --item {item}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    as_of = datetime.fromtimestamp(verdict.as_of or 0, UTC)
    state = verdict.things[0].life.lower()
    yield f"    {verdict.result}: genuine and complete as of {as_of:%Y-%m-%d %H:%M} UTC; {state}"
    for recall in verdict.recalls:
        yield f"    RECALLED: {recall.action.replace('_', ' ')}; ask {recall.contact}"
