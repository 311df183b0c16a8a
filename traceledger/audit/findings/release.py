"""What was released: REL-05, REL-08 and REL-09; REL-06 and REL-07 are noted when a unit leaves."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.stock import part_of
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import read

__all__ = ["find_in_thing"]

_MARK = "再制造"


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields tests with expired equipment, a last label without the mark, unreleased software."""
    for step in thing.steps:
        match step.kind:
            case "test" | "calibrate":
                yield from _find_expired(account, item, thing, step)
            case "update":
                yield from _find_unreleased(account, item, thing, step)
            case _:
                pass
    label = thing.last("pack")
    text = read(thing, label, "label_text")
    if isinstance(text, str) and _MARK not in text:
        book = account.picture.book_of(thing)
        yield Finding("REL-08", "M", item, Evidence.of(label), _MARK, text, book)


def _find_expired(account: Account, item: str, thing: Thing, step: Step) -> Iterator[Finding]:
    equipment, day = read(thing, step, "equipment"), step.value("day")
    if isinstance(equipment, dict) and equipment["due"] < day:  # dates as text sort by time
        book, evidence = account.picture.book_of(thing), Evidence.of(step)
        yield Finding("REL-05", "M", item, evidence, equipment["due"], day, book)


def _find_unreleased(account: Account, item: str, thing: Thing, step: Step) -> Iterator[Finding]:
    released = account.picture.state.releases[step.value("released")].get(part_of(thing))
    image = tuple(read(thing, step, name) for name in ("to_version", "image_sha256"))
    if released is not None and image not in released:
        expected = " ".join(version for version, _ in released)
        book, evidence = account.picture.book_of(thing), Evidence.of(step)
        yield Finding("REL-09", "H", item, evidence, expected, str(image[0]), book)
