"""Erasing restricted fields: the disclosure is deleted, the token and the log are unchanged.

Customs fields are kept for as long as customs may request them. This is checked on acceptance and
is not a rule of the log, which reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from traceledger.errors import NotAllowedError
from traceledger.events.disclosure import parse_disclosure
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.views.rows import Entry

__all__ = ["RETENTION", "Erasure", "plan_erasure"]

RETENTION = 10 * 365 * 86_400
"""The retention period of customs fields, ten years in seconds."""


class Erasure(NamedTuple):
    """The remaining disclosures of an entry."""

    leaf_index: int
    disclosures: bytes


def plan_erasure(
    chain: Mapping[bytes, Entry], event: Event, planned: Mapping[int, bytes]
) -> Erasure:
    """Plans the effect of an `erase` event on the store, after earlier erasures of its request.

    `chain` contains the item's stored entries by leaf hash, `planned` the remaining disclosures
    after earlier erasures by leaf index. Raises NotAllowedError `erase.retention` for a customs
    field within its retention period, and `erase.target` for an event that is not in the log yet.
    """
    wanted = event.refs[0].event or ""
    target = chain.get(decode_base64url(wanted.encode()))
    if target is None:
        raise NotAllowedError("erase.target", f"event {wanted} is not in the log yet")
    past = parse_token(target.body)
    fields = frozenset(event.data.fields)
    age = event.payload.iat - past.payload.iat
    if past.kind is not None and age < RETENTION:
        kept = sorted(name for name in fields if past.kind.fields[name].visibility == "customs")
        if kept:
            raise NotAllowedError(
                "erase.retention", f"{', '.join(kept)}: customs fields are kept for ten years"
            )
    present = planned.get(target.leaf_index, target.disclosures)
    texts = [text for text in present.split(b"~") if text]
    left = [text for text in texts if parse_disclosure(text).name not in fields]
    return Erasure(target.leaf_index, b"".join(text + b"~" for text in left))
