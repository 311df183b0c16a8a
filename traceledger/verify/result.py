"""The result as one JSON object, the same in every implementation (docs/spec/results.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traceledger.errors import TraceledgerError
from traceledger.verify.refusal import RefusedError
from traceledger.verify.verdict import FormerLife, Mention, Party, Thing, Verdict, VerifiedEvent

__all__ = ["describe_result"]


def describe_result(outcome: Verdict | TraceledgerError) -> dict[str, Any]:
    """Describes a verdict, or the error that verification raised, as a JSON object.

    Ids, codes and times are for machines; `message` and `hint` are for people, and their wording
    may differ between implementations. Unknown values are omitted.
    """
    if isinstance(outcome, TraceledgerError):
        return _failed(outcome)
    item, *parts = outcome.things
    described: dict[str, Any] = {
        "result": outcome.result,
        "codes": list(outcome.codes),
        "item": outcome.item,
        "state": item.life,
        "overlays": list(item.overlays),
        "origin": outcome.origin,
        "size": outcome.size,
        "cosigners": [cosigner._asdict() for cosigner in outcome.cosigners],
        "parties": [_party(party) for party in outcome.parties],
        "parts": [
            {"item": part.item, "state": part.life, "overlays": list(part.overlays)}
            for part in parts
        ],
        "holds": [hold._asdict() for hold in outcome.holds],
        "recalls": [recall._asdict() for recall in outcome.recalls],
        "disputed": _mentions(outcome.disputed),
        "attested": _mentions(outcome.attested),
        "asserted": _mentions(outcome.asserted),
        "withheld": _hidden(outcome.things, lambda event: event.withheld),
        "erased": _hidden(outcome.things, lambda event: event.erased),
        "unchecked": _mentions(outcome.unchecked),
        "not_followed": [
            {"chain": link.chain, "event": link.event, "as": link.name, "item": link.item}
            for link in outcome.not_followed
        ],
    }
    if outcome.as_of is not None:
        described["as_of"] = outcome.as_of
    if outcome.former:
        described["former"] = [_former(life) for life in outcome.former]
    return described


def _failed(error: TraceledgerError) -> dict[str, Any]:
    """Describes a refusal, or the error for which nothing was checked at all."""
    refused = isinstance(error, RefusedError)
    described: dict[str, Any] = {
        "result": "refused" if refused else "unchecked",
        "codes": [error.code],
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, RefusedError):
        places = {"chain": error.chain, "event": error.event}
        described |= {name: place for name, place in places.items() if place}
    return described


def _former(life: FormerLife) -> dict[str, Any]:
    described = life._asdict() | {"codes": list(life.codes)}
    if life.as_of is None:
        del described["as_of"]
    return described


def _party(party: Party) -> dict[str, Any]:
    described: dict[str, Any] = {"party": party.party, "name": party.name}
    if party.profile:
        described["profile"] = dict(party.profile)
    return described


def _mentions(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [mention._asdict() for mention in mentions]


def _hidden(
    things: tuple[Thing, ...], fields: Callable[[VerifiedEvent], tuple[str, ...]]
) -> list[dict[str, Any]]:
    return [
        {
            "chain": thing.item,
            "event": verified.event.id,
            "kind": verified.event.kind_name,
            "fields": list(fields(verified)),
        }
        for thing in things
        for verified in thing.events
        if fields(verified)
    ]
