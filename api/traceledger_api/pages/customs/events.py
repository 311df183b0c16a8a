"""Signed events as the console shows them: fields with captions, signer, and what is withheld."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from traceledger.audit.trail import Place
from traceledger.errors import NotFoundError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.token import parse_token
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.identifiers.items import item_of_key
from traceledger.rules.state import KeyState
from traceledger.views import answers
from traceledger.views.history import describe_event
from traceledger.views.rows import Entry
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.pages.customs.words import ConsoleWords

__all__ = ["draw_entries", "draw_entry", "draw_event", "draw_places", "read_entry"]

_MOST = 8  # fields of an event in a list
_LONGEST = 160  # characters of a field there; the page of the event shows what was signed


def read_entry(visit: Visit, index: int) -> Entry:
    """Reads an entry of the account's log; raises NotFoundError `event.unknown`."""
    if not 0 <= index < visit.wanted.end:
        raise NotFoundError(
            "event.unknown", f"the log has no entry {index} below {visit.wanted.end}"
        )
    (entry,) = visit.ledger.read_entries(index, index + 1)
    return entry


def draw_entries(visit: Visit, indexes: Iterable[int]) -> list[dict[str, Any]]:
    """Returns events for a list, by log index."""
    return [draw_event(visit, read_entry(visit, index)) for index in sorted(set(indexes))]


def draw_places(visit: Visit, places: Iterable[Place]) -> list[dict[str, Any]]:
    """Returns entries as links with the captions of their kinds."""
    return [
        {
            "index": place.at,
            "href": visit.event(place.at),
            "caption": visit.words.label("kinds", place.kind),
        }
        for place in places
    ]


def draw_event(visit: Visit, entry: Entry, *, page: str = "") -> dict[str, Any]:
    """Returns an event for a list: its fields, links and signer; `page` is the item of the page."""
    event = describe_event(entry, visit.reader)
    t = visit.words
    corroborated = event.kind in {"confirm", "admit", "add_key"}
    return {
        "index": entry.leaf_index,
        "href": visit.event(entry.leaf_index),
        "id": event.event,
        "kind": event.kind,
        "caption": t.label("kinds", event.kind),
        "item": "" if event.item == page else event.item,
        "item_href": visit.item(event.item),
        "day": visit.clock.of_text(event.occurred)[:10],
        "moment": visit.clock.of_text(event.occurred),
        "signed": visit.clock.moment(event.signed),
        "fields": list(_fields(visit, event)),
        "links": [
            {
                "caption": t.label("links", link.as_),
                "item": link.item,
                "name": visit.short(link.item),
                "href": visit.item(link.item),
            }
            for link in event.refs
        ],
        "withheld": [
            {
                "caption": t.label("fields", event.kind, name),
                "name": name,
                "reader": _visibility(event.kind, name),
            }
            for name in event.withheld
        ],
        "party": visit.party(event.party) if event.party else event.party,
        "roles": [t.label("roles", role) for role in _roles(visit, event.kid)],
        "kid": event.kid,
        "key_href": visit.at(f"/item/{item_of_key(event.kid)}"),
        "attested": corroborated and event.kind == "confirm",
    }


def draw_entry(visit: Visit, index: int) -> dict[str, Any]:
    """Returns the values of the page of an entry: a signed event, or a seal."""
    entry = read_entry(visit, index)
    around = {
        "index": index,
        "back": visit.event(index - 1) if index else "",
        "next": visit.event(index + 1) if index + 1 < visit.wanted.end else "",
    }
    if is_seal(entry.body):
        seal = parse_seal(entry.body)
        return {**around, "seal": seal, "text": entry.body.decode()}
    parsed = parse_token(entry.body)
    payload = msgspec.json.format(msgspec.json.encode(parsed.payload), indent=2).decode()
    described = describe_event(entry, visit.reader)
    shown = [part for part in described.wire.split("~")[1:] if part]
    return {
        **around,
        "event": draw_event(visit, entry),
        "payload": payload,
        "token": described.wire.partition("~")[0],
        "disclosures": shown,
        "proof": visit.at(f"/proof/{index}"),
    }


def _fields(visit: Visit, event: answers.Event) -> Iterator[dict[str, str]]:
    row = CATALOGUE.get(event.kind)
    for name, value in list(event.data.items())[:_MOST]:
        known = row is not None and name in row.fields
        texts = _Texts(visit.words, event.kind, _choices(row.types[name]) if row and known else ())
        yield {
            "caption": visit.words.label("fields", event.kind, name),
            "name": name,
            "value": _cut(texts.show(name, value)),
            "unit": row.fields[name].unit if row and known else "",
        }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class _Texts(NamedTuple):
    """The values of a field as text: names and choices by their labels, other text as signed."""

    words: ConsoleWords
    kind: str
    choices: Collection[str]

    def show(self, name: str, value: Any) -> str:
        match value:
            case bool():
                return self.words("yes" if value else "no")
            case str():
                if value not in self.choices:
                    return value
                return self.words.label("values", self.kind, name, value)
            case {"amount": str(amount), "currency": str(currency)}:
                return f"{amount} {currency}"
            case dict():
                label = self.words.label
                members = (
                    f"{label('fields', self.kind, name, member)} {self.show(member, one)}"
                    for member, one in value.items()
                )
                return ", ".join(members)
            case list():
                nested = any(isinstance(one, dict) for one in value)
                return ("; " if nested else ", ").join(self.show(name, one) for one in value)
            case _:
                return str(value)


def _choices(expected: Any) -> frozenset[str]:
    """Returns the texts from which a field of this type is chosen."""
    if get_origin(expected) is Literal:
        return frozenset(value for value in get_args(expected) if isinstance(value, str))
    return frozenset().union(*map(_choices, get_args(expected)))


def _visibility(kind: str, name: str) -> str:
    row = CATALOGUE.get(kind)
    return row.fields[name].visibility if row and name in row.fields else "internal"


def _roles(visit: Visit, kid: str) -> tuple[str, ...]:
    state = visit.ledger.state(item_of_key(kid))
    return tuple(state.roles) if isinstance(state, KeyState) else ()
