"""Signing drafts for a ledger: filling in each event's place and links, in order.

A list of drafts is signed as one request: later drafts build on earlier ones, so that `assemble`
and the `consume` of its parts can be in the same request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from traceledger.errors import MalformedError, NotFoundError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import split_wire
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.keys import Signer
from traceledger.events.kind import RefRule
from traceledger.events.token import parse_token
from traceledger.identifiers.items import item_of_key
from traceledger.rules.state import Goods, KeyState, LedgerState, PartyState
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Head, Search
from traceledger.views.searches import search_all

__all__ = ["Identity", "Signature", "find_identity", "sign_drafts"]


class Identity(NamedTuple):
    """The party that a key signs for, and the event that gave it authority."""

    issuer: str
    authority: str


class Signature(NamedTuple):
    """A signed draft: the event's id and its wire form."""

    event: str
    wire: bytes


def find_identity(ledger: LedgerView, kid: str) -> Identity:
    """Finds the identity of a station key, root key or party's admin key in the ledger.

    Raises NotFoundError `key.unregistered`.
    """
    key = ledger.state(item_of_key(kid))
    if isinstance(key, KeyState):
        return Identity(key.party, key.first)
    root = ledger.state("ledger")
    if isinstance(root, LedgerState):
        if root.root_kid == kid:
            return Identity("ledger", root.authority)
        if kid not in root.granted:  # so a stranger's question does not search all parties
            raise NotFoundError("key.unregistered", f"key {kid} is not registered in this ledger")
    for row in search_all(ledger, Search(chain="party")):
        party = ledger.state(row.item)
        if isinstance(party, PartyState) and party.admin_kid == kid:
            return Identity(row.item, party.authority)
    raise NotFoundError("key.unregistered", f"key {kid} is not registered in this ledger")


def sign_drafts(
    ledger: LedgerView,
    drafts: Sequence[Draft],
    signer: Signer,
    identity: Identity,
    *,
    randbytes: Callable[[int], bytes],
) -> list[Signature]:
    """Signs drafts as one request, in order, against the ledger's current heads.

    Links without an event are completed according to their kind. Raises MalformedError, which names
    draft and field, and NotFoundError `item.unknown`, which names a draft that links to an unknown
    item.
    """
    heads = _Heads(ledger, drafts)
    iat = int(ledger.clock())
    signed = []
    for number, draft in enumerate(drafts, 1):
        before = heads.get(draft.item)
        place = Place(
            aud=ledger.origin,
            iss=identity.issuer,
            auth=identity.authority,
            seq=before.seq + 1 if before else 0,
            prev=before.event if before else heads.founding,
            iat=iat,
        )
        try:
            complete = replace(draft, refs=tuple(heads.complete(draft, ref) for ref in draft.refs))
            wire = sign_draft(complete, place, signer, randbytes)
        except (MalformedError, NotFoundError) as error:
            raise error.at(f"draft {number}") from error
        event = parse_token(split_wire(wire)[0]).id
        heads.advance(draft.item, event)
        signed.append(Signature(event, wire))
    return signed


class _Heads:
    """The heads that drafts build on, advanced with each signed draft."""

    def __init__(self, ledger: LedgerView, drafts: Iterable[Draft]) -> None:
        self._ledger = ledger
        wanted: set[str] = set()
        for draft in drafts:
            wanted.add(draft.item)
            wanted.update(ref.item for ref in draft.refs)
        self._heads = dict(ledger.heads(wanted))
        self.founding = ledger.founding if ledger.size else ""

    def get(self, item: str) -> Head | None:
        return self._heads.get(item)

    def advance(self, item: str, event: str) -> None:
        before = self._heads.get(item)
        if before is None:
            self._heads[item] = Head(event, 0, event, "")
        else:
            self._heads[item] = replace(before, seq=before.seq + 1, event=event)
        if not self.founding:
            self.founding = event

    def complete(self, draft: Draft, ref: DraftRef) -> DraftRef:
        """Fills in the event that a link must name, unless the draft names it."""
        rule = _rule_of(draft, ref)
        if ref.event or rule is None or rule.at == "none":
            return ref
        if rule.at == "target":
            return replace(ref, event=self._only_mark(draft))
        head = self._heads.get(ref.item)
        if head is None:
            raise NotFoundError("item.unknown", f"this ledger has no {ref.item}")
        return replace(ref, event=head.first if rule.at == "first" else head.event)

    def _only_mark(self, draft: Draft) -> str:
        """Returns the only hold or recall that a release can refer to."""
        state = self._ledger.state(draft.item)
        marks: list[str] = []
        if isinstance(state, Goods):
            marks = [hold.event for hold in state.holds]
            marks += [recall.event for recall in state.recalls]
        if draft.kind != "release" or len(marks) != 1:
            raise MalformedError(
                "ref.target", f"the target event of this {draft.kind} is missing", where=draft.item
            )
        return marks[0]


def _rule_of(draft: Draft, ref: DraftRef) -> RefRule | None:
    kind = CATALOGUE.get(draft.kind)
    rules = kind.refs if kind else ()
    return next((rule for rule in rules if rule.name == ref.as_), None)
