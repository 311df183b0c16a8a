r"""The trust file: what a verifier must know from another source, small enough to print.

::

    {"customs": ["<event id of an admit>"], "format": "traceledger/trust/v1",
     "founding": "<event id of found>", "items": ["01/0952123", "8004/9521234"], "max_age": 86400,
     "origin": "ledger.example/cq-1", "policy": "log ...\nwitness ...\nquorum ...\n",
     "replayed_by": "<witness or group of the policy>"}

Canonical JSON without line breaks (docs/spec/trust.md). Compare its fingerprint with one obtained
through an independent channel, such as a notice at the customs office or a supply contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from traceledger.errors import MalformedError
from traceledger.events.encoding import MAX_INTEGER
from traceledger.events.fields import EventId, Struct, Web
from traceledger.events.keys import Jwk, load_jwk
from traceledger.formats.document import format_document, parse_document
from traceledger.formats.encoding import check_origin, decode_hash, encode_base64
from traceledger.formats.policy import Policy, parse_policy
from traceledger.formats.vkey import format_vkey
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.items import is_prefix

__all__ = [
    "MAX_TRUST",
    "TRUST_ADDRESS",
    "LabelKey",
    "RetiredKey",
    "TrustFile",
    "fingerprint",
    "format_trust",
    "parse_fingerprint",
    "parse_trust",
]

MAX_TRUST = 1 << 16
TRUST_ADDRESS = ".well-known/traceledger/trust.json"
"""Where a ledger's site has its own trust file, below its address."""

_CODE = "trust.form"


class RetiredKey(NamedTuple):
    """A replaced key of the policy, by its vkey, and the last tree for which it is trusted.

    It is trusted only for checkpoints proven consistent with the tree of this size and root.
    """

    key: str
    size: int
    root: bytes


class LabelKey(NamedTuple):
    """A key trusted for label statements, and its party (docs/spec/trust.md)."""

    jwk: Jwk
    party: str


@dataclass(frozen=True, slots=True)
class TrustFile:
    """Who is trusted, for which items, and how old a result may be.

    `founding` and `customs` are event ids, `items` prefixes of ids, `max_age` is in seconds.
    `policy` is the parsed `policy_text`; `replayed_by` is a name in it, or empty. `verifier` is the
    address of a site that verifies passports of this ledger and is not the ledger's, or empty.
    """

    origin: str
    founding: str
    policy_text: str
    policy: Policy
    customs: tuple[str, ...]
    items: tuple[str, ...]
    max_age: int
    replayed_by: str = ""
    until: tuple[RetiredKey, ...] = ()
    label_keys: tuple[LabelKey, ...] = ()
    verifier: str = ""

    @property
    def retired(self) -> frozenset[str]:
        """The vkeys that are no longer trusted without a consistency proof."""
        return frozenset(retired.key for retired in self.until)


_Seconds = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class _Until(Struct, frozen=True, kw_only=True):
    key: str
    root: str
    size: _Seconds


class _LabelKey(Struct, frozen=True, kw_only=True):
    jwk: Jwk
    party: Annotated[str, Meta(pattern=r"^party/[A-Za-z0-9-]{1,40}(?!\n)$")]


class _Trust(Struct, frozen=True, kw_only=True):
    customs: Annotated[tuple[EventId, ...], Meta(max_length=64)]
    format: Literal["traceledger/trust/v1"]
    founding: EventId
    items: Annotated[tuple[str, ...], Meta(min_length=1, max_length=64)]
    label_keys: Annotated[tuple[_LabelKey, ...], Meta(min_length=1, max_length=64)] | UnsetType = (
        UNSET
    )
    max_age: _Seconds
    origin: str
    policy: str
    replayed_by: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    until: Annotated[tuple[_Until, ...], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    verifier: Web | UnsetType = UNSET


_decoder = msgspec.json.Decoder(_Trust)


def fingerprint(data: bytes) -> str:
    """Computes the fingerprint: the first half of the SHA-256, as 8 groups of 4 hex digits."""
    return _group(sha256(data).hexdigest())


def parse_fingerprint(text: str) -> str:
    """Reads a fingerprint as people type or print it: 32 hexadecimal digits, however separated.

    Raises MalformedError `trust.fingerprint`.
    """
    digits = re.sub(r"[\s:.-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise MalformedError(
            "trust.fingerprint", f"{excerpt(text)} does not have 32 digits of 0-9 and a-f"
        )
    return _group(digits)


def format_trust(trust: TrustFile) -> bytes:
    """Formats a trust file, inverse of `parse_trust`.

    Raises MalformedError for values that no trust file can have, as `parse_trust` does.
    """
    until = tuple(
        _Until(key=retired.key, root=encode_base64(retired.root).decode(), size=retired.size)
        for retired in trust.until
    )
    labels = tuple(_LabelKey(jwk=label.jwk, party=label.party) for label in trust.label_keys)
    document = _Trust(
        customs=trust.customs,
        format="traceledger/trust/v1",
        founding=trust.founding,
        items=trust.items,
        label_keys=labels or UNSET,
        max_age=trust.max_age,
        origin=trust.origin,
        policy=trust.policy_text,
        replayed_by=trust.replayed_by or UNSET,
        until=until or UNSET,
        verifier=trust.verifier or UNSET,
    )
    data = format_document(document)
    if parse_trust(data) != trust:
        raise MalformedError(_CODE, "the policy does not match its text")
    return data


def parse_trust(data: bytes) -> TrustFile:
    """Parses a trust file of at most 64 KiB.

    Raises MalformedError `trust.form`, or the code of the invalid policy or key.
    """
    document = parse_document(data, _decoder, _CODE, limit=MAX_TRUST)
    check_origin(document.origin, _CODE)
    until = tuple(
        RetiredKey(one.key, one.size, decode_hash(one.root.encode(), _CODE, where="until"))
        for one in document.until or ()
    )
    try:
        policy = parse_policy(document.policy.encode())
    except MalformedError as error:
        raise error.at("policy") from error
    _check_policy(policy, document)
    for prefix in document.items:
        if not is_prefix(prefix):
            raise MalformedError(
                _CODE, f"{excerpt(prefix)} is not the beginning of an item id", where="items"
            )
    _check_until(until, policy)
    _check_once("customs", document.customs)
    _check_once("items", document.items)
    return TrustFile(
        origin=document.origin,
        founding=document.founding,
        policy_text=document.policy,
        policy=policy,
        customs=document.customs,
        items=document.items,
        max_age=document.max_age,
        replayed_by=document.replayed_by or "",
        until=until,
        label_keys=_read_labels(document),
        verifier=document.verifier or "",
    )


def _group(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def _check_policy(policy: Policy, document: _Trust) -> None:
    if all(log.key.name != document.origin for log in policy.logs):
        raise MalformedError(
            _CODE, f"the policy names no key of the log {document.origin}", where="policy"
        )
    names = {witness.name for witness in policy.witnesses} | {group.name for group in policy.groups}
    if document.replayed_by and document.replayed_by not in names:
        raise MalformedError(
            _CODE,
            f"{excerpt(document.replayed_by)} is not a witness or group of the policy",
            where="replayed_by",
        )


def _check_until(until: Iterable[RetiredKey], policy: Policy) -> None:
    named = {format_vkey(log.key) for log in policy.logs}
    named |= {format_vkey(witness.key) for witness in policy.witnesses}
    for retired in until:
        if retired.key not in named:
            raise MalformedError(
                _CODE, f"{excerpt(retired.key)} is not a key of the policy", where="until"
            )
    _check_once("until", (retired.key for retired in until))


def _read_labels(document: _Trust) -> tuple[LabelKey, ...]:
    labels = tuple(LabelKey(label.jwk, label.party) for label in document.label_keys or ())
    try:
        _check_once("label_keys", [load_jwk(label.jwk).kid for label in labels])
    except MalformedError as error:
        raise error if error.where else error.at("label_keys") from error
    return labels


def _check_once(member: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise MalformedError(_CODE, f"{excerpt(value)} appears twice", where=member)
        seen.add(value)
