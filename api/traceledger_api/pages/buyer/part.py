"""The content of the buyer's page: everything that its template shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from traceledger.identifiers import group_serial
from traceledger_api.pages.buyer.charts import Chart, draw_measurement
from traceledger_api.pages.buyer.reading_order import Chapter, Entry, History
from traceledger_api.pages.buyer.standing import TONES, Tone, standing_of
from traceledger_api.pages.buyer.story import Scene, tell_story
from traceledger_api.pages.words import Words
from traceledger_api.scans import Scans

__all__ = ["Measured", "Part", "Relative", "Signer", "TestRun", "Work", "describe_part"]

_MIN_TAIL = 6
_TAIL = 6


class Measured(NamedTuple):
    """A measurement as text, and its chart where it has both limits."""

    name: str
    value: str
    unit: str
    limits: str
    passed: bool
    chart: Chart | None


class TestRun(NamedTuple):
    """A test of the part."""

    day: date
    by: str
    passed: bool
    equipment: str
    results: tuple[Measured, ...]


class Work(NamedTuple):
    """What was repaired, replaced and set, without repetitions."""

    faults: tuple[str, ...]
    replaced: tuple[str, ...]
    software: str
    software_before: str
    data_erased: bool
    calibration: str


class Signer(NamedTuple):
    """A party that signed, with the titles of the lines that it signed, each once."""

    name: str
    did: tuple[str, ...]


class Relative(NamedTuple):
    """An item in the family tree; `depth` counts from the part itself."""

    depth: int
    heading: str
    item: str
    detail: str


@dataclass(frozen=True, slots=True)
class Part:
    """The whole page. Texts are the signers' own unless they come from `Words`."""

    item: str
    title: str
    part_no: str
    replaces: tuple[str, ...]
    life: int
    serial_rest: str
    serial_tail: str
    seal: str
    standing: str
    tone: Tone
    fact: str
    recalls: tuple[Mapping[str, str], ...]
    released: date | None
    signed_by: str
    made: date | None
    maker: str
    batch: str
    destination: str
    at_home: bool
    warranty_months: int | None
    warranty_km: int | None
    standards: tuple[str, ...]
    tests: tuple[TestRun, ...]
    work: Work
    scenes: tuple[Scene, ...]
    signers: tuple[Signer, ...]
    family: tuple[Relative, ...]
    attested: int
    asserted: int
    withheld: int
    scans: Scans | None


def describe_part(
    history: History, report: Mapping[str, Any], words: Words, scans: Scans | None = None
) -> Part:
    """Describes a part from its history and the report of a verification of the same passport."""
    own = history.own
    scenes = tell_story(history, report, words)
    opening, approved, packed = (own.latest(kind) for kind in ("assemble", "approve", "pack"))
    exported = own.latest("export")
    standing = standing_of(report)
    rest, tail = _split_serial(history.item)
    signed = packed or approved or own.entries[0]
    released = approved if approved and approved.values["decision"] != "reject" else None
    warranty = released.values["warranty"] if released else {}
    return Part(
        item=history.item,
        title=_title(history, words),
        part_no=_first_of(own, "part_no"),
        replaces=tuple(_originals(history)),
        life=opening.values.get("reman_cycle", 1) if opening else 1,
        serial_rest=rest,
        serial_tail=tail,
        seal=packed.values.get("tamper_label", "") if packed else "",
        standing=standing,
        tone=TONES[standing],
        fact=_fact(standing, exported, words),
        recalls=tuple(
            {name: recall[name] for name in ("campaign", "action", "contact", "severity")}
            for recall in report.get("recalls", ())
        ),
        released=released.day if released else None,
        signed_by=history.name((released or signed).party),
        made=date.fromisoformat(opening.values["production_date"]) if opening else None,
        maker=packed.values["remanufacturer"] if packed else "",
        batch=packed.values["batch"] if packed else "",
        destination=words.country(exported.values["destination"]) if exported else "",
        at_home=report.get("state") == "DIVERTED",
        warranty_months=warranty.get("months"),
        warranty_km=warranty.get("km"),
        standards=tuple(released.values["standards"]) if released else (),
        tests=tuple(_test(entry, history) for entry in reversed(own.all("test"))),
        work=_work(history),
        scenes=scenes,
        signers=_signers(scenes),
        family=tuple(_family(history, words)),
        attested=len(report.get("attested", ())),
        asserted=len(report.get("asserted", ())),
        withheld=sum(len(one["fields"]) for one in report.get("withheld", ())),
        scans=scans,
    )


def _split_serial(item: str) -> tuple[str, str]:
    """Splits a number before the last characters, which a person compares with the object."""
    number = item.rpartition("/")[2]
    if "/21/" not in item:
        return number[:-_TAIL], number[-_TAIL:]
    groups = group_serial(number).split(" ")
    count = 1
    while count < len(groups) and sum(map(len, groups[-count:])) < _MIN_TAIL:
        count += 1
    return " ".join(groups[:-count]), " ".join(groups[-count:])


def _title(history: History, words: Words) -> str:
    for chapter in (*history.made_of, history.own):
        arrived = chapter.latest("import")
        if arrived is not None:
            category = arrived.values["category"]
            return words.get(f"category.{category}", category)
    return _first_of(history.own, "part_no") or history.item.rpartition("/")[2]


def _first_of(chapter: Chapter, name: str) -> str:
    return str(chapter.entries[0].values.get(name, "")) if chapter.entries[0].known else ""


def _originals(history: History) -> Iterator[str]:
    for chapter in history.made_of:
        arrived = chapter.latest("import")
        if arrived is not None:
            yield " ".join(arrived.values.get(name, "") for name in ("make", "part_no")).strip()


def _fact(standing: str, exported: Entry | None, words: Words) -> str:
    if standing != "released" or exported is None:
        return ""
    country, day = words.country(exported.values["destination"]), words.day(exported.day)
    return words("fact.exported", country=country, date=day)


def _test(entry: Entry, history: History) -> TestRun:
    values = entry.values
    return TestRun(
        day=entry.day,
        by=history.name(entry.party),
        passed=values["overall"] == "pass",
        equipment=values["equipment"]["id"],
        results=tuple(map(_measured, values["results"])),
    )


def _measured(result: Mapping[str, Any]) -> Measured:
    low, high = result.get("low"), result.get("high")
    if low is not None and high is not None:
        limits = low if Decimal(low) == Decimal(high) else f"{low} – {high}"
    else:
        limits = f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""
    unit = "" if result["unit"] == "1" else result["unit"]  # UN/CEFACT's unit of a plain number
    chart = draw_measurement(result)
    return Measured(result["name"], result["value"], unit, limits, result["pass"], chart)


def _work(history: History) -> Work:
    chapters = (*history.made_of, history.own)

    def every(kind: str) -> list[Entry]:
        return [entry for chapter in chapters for entry in chapter.all(kind)]

    repairs, updates, calibrations = every("repair"), every("update"), every("calibrate")
    replaced = (part for entry in repairs for part in entry.values["replaced"])
    return Work(
        faults=_unique(fault for entry in repairs for fault in entry.values["faults"]),
        replaced=_unique(f"{part['part']} × {part['quantity']}" for part in replaced),
        software=updates[-1].values["to_version"] if updates else "",
        software_before=updates[0].values["from_version"] if updates else "",
        data_erased=any(entry.values["personal_data_erased"] for entry in updates),
        calibration=calibrations[-1].values["calibration_id"] if calibrations else "",
    )


def _unique(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _signers(scenes: tuple[Scene, ...]) -> tuple[Signer, ...]:
    did: dict[str, dict[str, None]] = {}
    for scene in scenes:
        for line in scene.lines:
            did.setdefault(line.by, {})[line.title] = None
            for name in line.confirmed_by:
                did.setdefault(name, {})
    return tuple(Signer(name, tuple(titles)) for name, titles in did.items())


def _family(history: History, words: Words) -> Iterator[Relative]:
    by_item = {chapter.item: chapter for chapter in history.chapters}
    waiting = [(0, history.item)]
    seen = set()
    while waiting:
        depth, item = waiting.pop()
        chapter = by_item.get(item)
        if chapter is None or item in seen:
            continue
        seen.add(item)
        heading = words.get(f"scene.{chapter.opening}", words("scene.other"))
        if depth == 0:
            heading = words("scene.own")
        detail = _first_of(chapter, "part_no") or _first_of(chapter, "part")
        yield Relative(depth, heading, item, detail)
        waiting += [(depth + 1, source) for source in reversed(chapter.sources)]
