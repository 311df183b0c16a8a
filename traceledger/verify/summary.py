"""The findings of a verified history: overlays, attestation by customs, withheld and erased fields.

Implements check 10 of docs/spec/passport.md and the lists of docs/spec/results.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from traceledger.events.disclosure import open_disclosures
from traceledger.events.kind import Kind
from traceledger.events.token import Event
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.state import Goods
from traceledger.verify.chains import Shown, ShownChain, goods_of
from traceledger.verify.refusal import refusing
from traceledger.verify.signers import Signers
from traceledger.verify.unjudged import Unjudged
from traceledger.verify.verdict import Hold, Mention, Recall, Thing, VerifiedEvent

__all__ = [
    "describe_things",
    "list_attested",
    "list_holds",
    "list_recalls",
    "list_unchecked",
    "open_fields",
]

Opened = Mapping[str, Mapping[str, Any]]
"""The disclosed restricted fields, by event id."""


def open_fields(shown: Shown) -> Opened:
    """Checks every disclosure against the signed digest.

    Raises RefusedError `disclosure.*` or `event.field`.
    """
    opened = {}
    for chain in shown.values():
        for event, disclosures in zip(chain.events, chain.disclosures, strict=True):
            with refusing(chain.item, event.id):
                opened[event.id] = open_disclosures(event, disclosures, complete=False)
    return opened


def describe_things(
    shown: Shown,
    lives: Mapping[str, Goods],
    opened: Opened,
    disputed: Sequence[Mention],
    doubts: Unjudged,
) -> tuple[Thing, ...]:
    """Collects each item's state, overlays and events, in the order of the passport."""
    doubted = {mention.chain for mention in disputed}
    return tuple(
        Thing(
            item,
            state.life,
            _overlays(state, disputed=item in doubted),
            tuple(_disclosed(shown[item], opened, doubts)),
        )
        for item, state in lives.items()
    )


def list_holds(lives: Mapping[str, Goods]) -> tuple[Hold, ...]:
    """Lists the holds in force on all items shown."""
    return tuple(
        Hold(item, mark.event, mark.authority)
        for item, state in lives.items()
        for mark in state.holds
    )


def list_recalls(lives: Mapping[str, Goods], shown: Shown, doubts: Unjudged) -> tuple[Recall, ...]:
    """Lists the recalls in force on all items shown, with their fields as corrected."""
    recalls = []
    for item, state in lives.items():
        judged = [event for event in shown[item].events if not doubts.has(event)]
        chain = read_effective((event, public_fields(event)) for event in judged)
        values = {found.event.id: found.values for found in chain}
        for mark in state.recalls:
            fields = values[mark.event]
            content = (fields[name] for name in ("campaign", "severity", "action", "contact"))
            recalls.append(Recall(item, mark.event, mark.party, *content))
    return tuple(recalls)


def list_unchecked(shown: Shown, doubts: Unjudged) -> tuple[Mention, ...]:
    """Lists the events that this version could not judge, in the order of the passport."""
    return _mentions(
        event for chain in shown.values() for event in chain.events if doubts.has(event)
    )


def list_attested(
    shown: Shown, signers: Signers, doubts: Unjudged, customs: Iterable[str]
) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """Separates events about customs into attested and asserted.

    An event is attested if it was signed, or its last confirmation was signed, by a key whose party
    was admitted at that moment by one of the trusted events `customs`, and neither was voided.
    Asserted are all other events that link to a declaration or contain a customs receipt.
    """
    trusted = frozenset(customs)
    attested, asserted = [], []
    for chain in goods_of(shown):
        judged = [event for event in chain.events if not doubts.has(event)]
        voided = {event.refs[0].event for event in judged if event.kind_name == "void"}
        by_customs = [
            event
            for event in judged
            if event.id not in voided and signers.by_event[event.id].admit in trusted
        ]
        answers = {
            event.refs[0].event: event.data.result == "confirmed"
            for event in by_customs
            if event.kind_name == "confirm"
        }
        confirmed = {event for event, positive in answers.items() if positive} - voided
        signed = {event.id for event in by_customs}
        for event in chain.events:
            if event.id in signed or event.id in confirmed:
                attested.append(event)
            elif event.kind is not None and _concerns_customs(event.kind):
                asserted.append(event)
    return _mentions(attested), _mentions(asserted)


def _disclosed(chain: ShownChain, opened: Opened, doubts: Unjudged) -> Iterator[VerifiedEvent]:
    """Yields the chain's events; fields without a disclosure were erased or are withheld."""
    gone = {
        (ref.event, name)
        for event in chain.events
        if event.kind_name == "erase" and not doubts.has(event)
        for ref in event.refs
        for name in event.data.fields
    }
    for event in chain.events:
        values = opened[event.id]
        hidden = [name for name in event.digests if name not in values]
        yield VerifiedEvent(
            event,
            values,
            withheld=tuple(name for name in hidden if (event.id, name) not in gone),
            erased=tuple(name for name in hidden if (event.id, name) in gone),
        )


def _concerns_customs(kind: Kind) -> bool:
    linked = any(rule.name == "declaration" for rule in kind.refs)
    return linked or "receipt_sha256" in kind.fields


def _overlays(state: Goods, *, disputed: bool) -> tuple[str, ...]:
    holds = {f"hold_{mark.authority}" for mark in state.holds}
    recalled = {"recalled"} if state.recalls else set()
    return (*sorted(holds), *recalled, *({"disputed"} if disputed else ()))


def _mentions(events: Iterable[Event]) -> tuple[Mention, ...]:
    return tuple(Mention(event.payload.sub, event.id, event.kind_name) for event in events)
