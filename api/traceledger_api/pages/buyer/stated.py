"""What the site states about a part before the reader's browser has verified its record.

Nothing is verified here. `static/part.js` derives the same from the verified events; the page
compares the two. Neither states what an event says that could not be judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import msgspec

from traceledger.events.disclosure import split_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.passport import parse_passport
from traceledger.identifiers.values import find_time
from traceledger.rules.effective import EffectiveEvent, public_fields, read_effective
from traceledger.rules.links import SOURCES
from traceledger_api.pages.buyer.standing import TONES, Tone, standing_of

__all__ = ["Stated", "read_stated"]

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?")

_Chains = Mapping[str, tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Stated:
    """The site's claims; texts are the signers' own, and empty where there is none.

    `recalls` have the fields of their events. `country` has three letters. `exported` is None also
    for a day that the calendar does not have. `photo_hosts` are the origins of photos, which the
    page may load. `record` is the content of all events as JSON.
    """

    item: str
    category: str
    part_no: str
    replaces: str
    life: int
    standing: str
    tone: Tone
    recalls: tuple[Mapping[str, Any], ...]
    maker: str
    warranty_months: int | None
    country: str
    exported: date | None
    photo_hosts: tuple[str, ...]
    record: str


def read_stated(passport: bytes, report: Mapping[str, Any]) -> Stated:
    """Reads a passport and the report of its verification by the server.

    Raises MalformedError for a passport in the wrong form.
    """
    parsed = parse_passport(passport)
    chains = {
        chain.item: tuple(parse_token(split_wire(wire)[0]) for wire in chain.events)
        for chain in parsed.chains
    }
    unjudged = {mention["event"] for mention in report.get("unchecked", ())}
    judged = {
        item: tuple(event for event in events if event.id not in unjudged)
        for item, events in chains.items()
    }
    first, own = chains[parsed.item][0], judged[parsed.item]
    opening, approved, packed, exported = (
        _latest(own, kind) for kind in ("assemble", "approve", "pack", "export")
    )
    arrivals = [
        found
        for item in _used_parts(chains, parsed.item)
        if (found := _latest(judged[item], "import"))
    ]
    arrived = (arrivals[0] if arrivals else _latest(own, "import")) or {}
    replaced = arrivals[0] if arrivals else {}
    warranty = approved["warranty"] if approved and approved["decision"] != "reject" else {}
    standing = standing_of(report)
    return Stated(
        item=parsed.item,
        category=arrived.get("category", ""),
        part_no=public_fields(first).get("part_no", "") if first in own[:1] and first.kind else "",
        replaces=" ".join(filter(None, (replaced.get("make"), replaced.get("part_no")))),
        life=opening.get("reman_cycle", 1) if opening else 1,
        standing=standing,
        tone=TONES[standing],
        recalls=tuple(
            {**recall, "criteria": _fields_of(judged[recall["chain"]], recall["event"])["criteria"]}
            for recall in report.get("recalls", ())
        ),
        maker=packed["remanufacturer"] if packed else "",
        warranty_months=warranty.get("months"),
        country=exported["destination"] if exported else "",
        exported=exported["day"] if exported else None,
        photo_hosts=tuple(_hosts(packed.get("photos", ()) if packed else ())),
        record=msgspec.json.encode(
            [event.payload.data for chain in chains.values() for event in chain]
        ).decode(),
    )


def _hosts(photos: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Names the origins of photos that can stand in a Content-Security-Policy."""
    addresses = {urlsplit(photo["url"]).netloc for photo in photos if "url" in photo}
    return (f"https://{host}" for host in sorted(addresses) if _HOST.fullmatch(host))


def _used_parts(chains: _Chains, own: str) -> Iterator[str]:
    """Names the used parts that went into the item, without those of an earlier life."""
    wanted, seen = list(_sources(chains[own])), set()
    while wanted:
        item = wanted.pop(0)
        if item in seen or item not in chains or chains[item][0].kind_name == "assemble":
            continue
        seen.add(item)
        yield item
        wanted += _sources(chains[item])


def _sources(events: tuple[Event, ...]) -> Iterator[str]:
    return (ref.item for ref in events[0].refs if ref.as_ in SOURCES)


def _latest(events: tuple[Event, ...], kind: str) -> dict[str, Any] | None:
    """Returns the fields of the last event of a known kind that was not voided, and its `day`."""
    for found in reversed(_effective(events)):
        if found.event.kind_name == kind and found.event.kind is not None and not found.voided:
            time = find_time(found.event.payload.occurred)
            return {**found.values, "day": time.date() if time else None}
    return None


def _fields_of(events: tuple[Event, ...], event: str) -> Mapping[str, Any]:
    return next(found.values for found in _effective(events) if found.event.id == event)


def _effective(events: tuple[Event, ...]) -> tuple[EffectiveEvent, ...]:
    return read_effective((event, public_fields(event)) for event in events)
