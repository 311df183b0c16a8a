"""Erasing restricted fields: the disclosure goes, the token and the log stay as they are.

A customs field is kept for the time that customs may ask for it. That is a rule of the door, not of
the log: the log reads no clock.
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
"""Seconds for which customs fields are kept: ten years."""


class Erasure(NamedTuple):
    """What is left of an entry's disclosures."""

    leaf_index: int
    disclosures: bytes


def plan_erasure(
    chain: Mapping[bytes, Entry], event: Event, planned: Mapping[int, bytes]
) -> Erasure:
    """Plans what an `erase` event does to the store, after what its request has planned already.

    `chain` holds what was written of the item, by leaf hash, `planned` what is left of entries, by
    leaf index. Raises NotAllowedError `erase.retention` for a customs field that must be kept
    still, and `erase.target` for an event that is not in the log yet.
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
