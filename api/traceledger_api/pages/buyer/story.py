"""The story of a part in plain words, one line an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger_api.pages.buyer.reading_order import Chapter, Entry, History
from traceledger_api.pages.words import Words

__all__ = ["Line", "Scene", "tell"]


class Line(NamedTuple):
    """What happened, in the reader's language, and in the signer's own words.

    `attested` says that customs signed or confirmed it, `asserted` that papers of customs are said
    to exist. `minor` lines are set small. `events` are the ids of all events told here.
    """

    title: str
    details: tuple[str, ...]
    day: date
    by: str
    confirmed_by: tuple[str, ...]
    refused_by: tuple[str, ...]
    attested: bool
    asserted: bool
    corrected: bool
    void: bool
    minor: bool
    stop: bool
    events: tuple[str, ...]


class Scene(NamedTuple):
    """The lines of one thing, under a heading; those of an earlier life are closed at first."""

    heading: str
    item: str
    lines: tuple[Line, ...]
    open: bool


_MINOR = frozenset({"clean", "consume", "move", "diagnose", "receive", "erase", "correct"})
_STOP = frozenset({"recall", "hold", "scrap"})
# Kinds whose sentence depends on a field.
_VARIANTS = MappingProxyType(
    {
        "receive": "result",
        "inspect": "grade",
        "diagnose": "result",
        "calibrate": "result",
        "test": "overall",
        "approve": "decision",
        "hold": "authority",
        "customs_check": "result",
        "confirm": "result",
    }
)


def tell(history: History, report: Mapping[str, Any], words: Words) -> tuple[Scene, ...]:
    """Tells all chapters; `report` says which events customs stands behind."""
    attested, asserted = (
        frozenset(one["event"] for one in report.get(name, ())) for name in ("attested", "asserted")
    )
    now = {history.item, *(chapter.item for chapter in history.made_of)}
    return tuple(
        Scene(
            _heading(chapter, history, words),
            chapter.item,
            tuple(_line(entry, history, words, attested, asserted) for entry in chapter.entries),
            chapter.item in now,
        )
        for chapter in history.chapters
    )


def _heading(chapter: Chapter, history: History, words: Words) -> str:
    if chapter is history.own:
        return words("scene.own")
    return words.get(f"scene.{chapter.opening}", words("scene.other"))


def _line(
    entry: Entry,
    history: History,
    words: Words,
    attested: frozenset[str],
    asserted: frozenset[str],
) -> Line:
    event = entry.event
    answers = {
        result: tuple(history.name(one.payload.iss) for one in entry.answers if _says(one, result))
        for result in ("confirmed", "refused")
    }
    return Line(
        title=_title(entry, words),
        details=_details(entry, words),
        day=entry.day,
        by=history.name(entry.party),
        confirmed_by=answers["confirmed"],
        refused_by=answers["refused"],
        attested=event.id in attested,
        asserted=event.id in asserted,
        corrected=entry.corrected,
        void=entry.void,
        minor=entry.kind in _MINOR,
        stop=entry.kind in _STOP,
        events=(event.id, *(one.id for one in entry.answers)),
    )


def _says(answer: Any, result: str) -> bool:
    return answer.kind is not None and answer.data.result == result


def _title(entry: Entry, words: Words) -> str:
    if not entry.known:
        return words("story.unknown")
    key = f"story.{entry.kind}"
    if entry.kind == "import" and any(ref.as_ == "parent" for ref in entry.event.refs):
        return words("story.import.again")
    if entry.kind in _VARIANTS:
        key += f".{entry.values[_VARIANTS[entry.kind]]}"
    return words.get(key, words("story.unknown"))


def _details(entry: Entry, words: Words) -> tuple[str, ...]:
    say = _DETAILS.get(entry.kind)
    if not entry.known:
        return (entry.kind,)
    return tuple(text for text in say(entry.values, words) if text) if say else ()


def _codes(values: Mapping[str, Any], words: Words) -> str:
    codes = ", ".join(values.get("trouble_codes", ()))
    return f"{words('story.trouble_codes')} {codes}" if codes else ""


# What the signer wrote, as it is; only countries and a few fixed words are translated.
_DETAILS: Mapping[str, Callable[[Mapping[str, Any], Words], tuple[str, ...]]] = MappingProxyType(
    {
        "import": lambda said, words: (
            " ".join(said.get(name, "") for name in ("make", "part_no")).strip(),
            f"{words('story.origin')} {words.country(said['origin'])}",
        ),
        "receive": lambda said, _: (said["condition"],),
        "inspect": lambda said, _: (", ".join(said.get("reject_codes", ())),),
        "clean": lambda said, _: (said["method"],),
        "diagnose": lambda said, words: (_codes(said, words),),
        "repair": lambda said, _: (", ".join(said["faults"]) or said["action"],),
        "update": lambda said, words: (
            f"{said['from_version']} → {said['to_version']}",
            words("story.data_erased") if said["personal_data_erased"] else "",
        ),
        "calibrate": lambda said, _: (said["calibration_id"],),
        "harvest": lambda said, _: (said["part"],),
        "assemble": lambda said, _: (said["part_no"],),
        "test": lambda said, _: (said["plan"],),
        "approve": lambda said, _: (", ".join(said["standards"]),),
        "pack": lambda said, words: (f"{words('story.batch')} {said['batch']}",),
        "export": lambda said, words: (words.country(said["destination"]),),
        "return": lambda said, _: (said["reason"],),
        "scrap": lambda said, _: (said["reason"],),
        "warranty_return": lambda said, words: (_codes(said, words),),
        "recall": lambda said, _: (said["campaign"], said["criteria"]),
        "release": lambda said, _: (said.get("note", ""),),
        "void": lambda said, _: (said["reason"],),
        "correct": lambda said, _: (said["reason"],),
        "erase": lambda said, _: (said["ground"],),
    }
)
