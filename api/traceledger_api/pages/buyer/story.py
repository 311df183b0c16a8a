"""The story of a part in plain words, one line per event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger_api.pages.buyer.reading_order import Chapter, Entry, History
from traceledger_api.pages.words import Words

__all__ = ["Line", "Scene", "tell_story"]


class Line(NamedTuple):
    """What happened, in the reader's language and the signer's own words.

    `attested`: customs signed or confirmed it; `asserted`: the signer claims that customs papers
    exist. `minor` lines are set small. `events` are the ids of all events that the line covers.
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
    """The lines of one item under a heading; an earlier life is collapsed at first."""

    heading: str
    item: str
    lines: tuple[Line, ...]
    open: bool


_MINOR = frozenset({"clean", "consume", "move", "diagnose", "receive", "erase", "correct"})
_STOP = frozenset({"recall", "hold", "scrap"})
# Kinds whose sentence depends on the value of a field.
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


def tell_story(history: History, report: Mapping[str, Any], words: Words) -> tuple[Scene, ...]:
    """Tells all chapters; `report` lists the events that customs attested."""
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
        result: tuple(
            history.name(one.payload.iss) for one in entry.answers if _has_result(one, result)
        )
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


def _has_result(answer: Any, result: str) -> bool:
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
    describe = _DETAILS.get(entry.kind)
    if not entry.known:
        return (entry.kind,)
    return tuple(text for text in describe(entry.values, words) if text) if describe else ()


def _codes(values: Mapping[str, Any], words: Words) -> str:
    codes = ", ".join(values.get("trouble_codes", ()))
    return f"{words('story.trouble_codes')} {codes}" if codes else ""


# The signer's own text; only countries and a few fixed words are translated.
_DETAILS: Mapping[str, Callable[[Mapping[str, Any], Words], tuple[str, ...]]] = MappingProxyType(
    {
        "import": lambda values, words: (
            " ".join(values.get(name, "") for name in ("make", "part_no")).strip(),
            f"{words('story.origin')} {words.country(values['origin'])}",
        ),
        "receive": lambda values, _: (values["condition"],),
        "inspect": lambda values, _: (", ".join(values.get("reject_codes", ())),),
        "clean": lambda values, _: (values["method"],),
        "diagnose": lambda values, words: (_codes(values, words),),
        "repair": lambda values, _: (", ".join(values["faults"]) or values["action"],),
        "update": lambda values, words: (
            f"{values['from_version']} → {values['to_version']}",
            words("story.data_erased") if values["personal_data_erased"] else "",
        ),
        "calibrate": lambda values, _: (values["calibration_id"],),
        "harvest": lambda values, _: (values["part"],),
        "assemble": lambda values, _: (values["part_no"],),
        "test": lambda values, _: (values["plan"],),
        "approve": lambda values, _: (", ".join(values["standards"]),),
        "pack": lambda values, words: (f"{words('story.batch')} {values['batch']}",),
        "export": lambda values, words: (words.country(values["destination"]),),
        "return": lambda values, _: (values["reason"],),
        "scrap": lambda values, _: (values["reason"],),
        "warranty_return": lambda values, words: (_codes(values, words),),
        "recall": lambda values, _: (values["campaign"], values["criteria"]),
        "release": lambda values, _: (values.get("note", ""),),
        "void": lambda values, _: (values["reason"],),
        "correct": lambda values, _: (values["reason"],),
        "erase": lambda values, _: (values["ground"],),
    }
)
