"""The result as one JSON object, the same in every implementation (docs/spec/results.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traceledger.errors import TraceledgerError
from traceledger.verify.refusal import RefusedError
from traceledger.verify.verdict import Mention, Thing, Verdict, VerifiedEvent

__all__ = ["describe_result"]


def describe_result(outcome: Verdict | TraceledgerError) -> dict[str, Any]:
    """Describes a verdict, or the error that verification raised, for JSON.

    Ids, codes and times are for machines; `message` and `hint` are for people and may be worded
    otherwise elsewhere. What is unknown is left out.
    """
    if isinstance(outcome, TraceledgerError):
        return _refused(outcome)
    item, *parts = outcome.things
    described: dict[str, Any] = {
        "result": outcome.result,
        "codes": list(outcome.codes),
        "item": outcome.item,
        "state": item.life,
        "overlays": list(item.overlays),
        "origin": outcome.origin,
        "size": outcome.size,
        "cosigners": [one._asdict() for one in outcome.cosigners],
        "parties": [one._asdict() for one in outcome.parties],
        "parts": [
            {"item": part.item, "state": part.life, "overlays": list(part.overlays)}
            for part in parts
        ],
        "holds": [one._asdict() for one in outcome.holds],
        "recalls": [one._asdict() for one in outcome.recalls],
        "disputed": _mentions(outcome.disputed),
        "attested": _mentions(outcome.attested),
        "asserted": _mentions(outcome.asserted),
        "withheld": _hidden(outcome.things, lambda one: one.withheld),
        "erased": _hidden(outcome.things, lambda one: one.erased),
        "unchecked": _mentions(outcome.unchecked),
        "not_followed": [
            {"chain": link.chain, "event": link.event, "as": link.name, "item": link.item}
            for link in outcome.not_followed
        ],
    }
    if outcome.as_of is not None:
        described["as_of"] = outcome.as_of
    return described


def _refused(error: TraceledgerError) -> dict[str, Any]:
    described: dict[str, Any] = {
        "result": "refused",
        "codes": [error.code],
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, RefusedError):
        places = {"chain": error.chain, "event": error.event}
        described |= {name: place for name, place in places.items() if place}
    return described


def _mentions(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [mention._asdict() for mention in mentions]


def _hidden(
    things: tuple[Thing, ...], fields: Callable[[VerifiedEvent], tuple[str, ...]]
) -> list[dict[str, Any]]:
    return [
        {
            "chain": thing.item,
            "event": one.event.id,
            "kind": one.event.kind_name,
            "fields": list(fields(one)),
        }
        for thing in things
        for one in thing.events
        if fields(one)
    ]
