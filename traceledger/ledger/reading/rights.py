"""Readers' rights: from an access token to the fields and lists that its bearer may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from traceledger.errors import MalformedError, NotAllowedError, VerificationError
from traceledger.events.keys import Jwk, load_jwk
from traceledger.events.roles import DISCLOSURE_READERS, LIST_READERS, LOG_READERS
from traceledger.formats.access_token import check_access, parse_access
from traceledger.identifiers.items import item_of_key
from traceledger.rules.state import KeyState, LedgerState, PartyState, State
from traceledger.views.history import PUBLIC, Reader

__all__ = ["STRANGER", "Holder", "Rights", "find_rights", "open_rights"]


class Holder(NamedTuple):
    """Who a key signs for: `ledger` or a party, the event that authorised the key, and its id."""

    issuer: str
    authority: str
    kid: str


class Rights(NamedTuple):
    """A caller's rights: whose fields it may see, and how much at once.

    `kid` is empty for a caller without a token, who sees only single units; it has no `holder`.
    `expires` is the end of the token or session in seconds since 1970, or 0 without one.
    """

    reader: Reader
    kid: str = ""
    expires: int = 0
    holder: Holder | None = None

    @property
    def knows_ids(self) -> bool:
        """Reports whether the caller may look up any item by its id."""
        return bool(self.kid)

    @property
    def may_list(self) -> bool:
        """Reports whether the caller may search, list and follow new events."""
        return not self.reader.roles.isdisjoint(LIST_READERS)

    @property
    def may_take_all(self) -> bool:
        """Reports whether the caller may read the entries of the whole log with public fields."""
        return not self.reader.roles.isdisjoint(LOG_READERS)

    @property
    def may_take_disclosures(self) -> bool:
        """Reports whether the caller may read the disclosures of the whole log."""
        return not self.reader.roles.isdisjoint(DISCLOSURE_READERS)


STRANGER = Rights(PUBLIC)


def open_rights(
    token: bytes, state: Callable[[str], State | None], *, origin: str, now: float
) -> Rights:
    """Verifies an access token against the current keys of the ledger.

    `state` returns the state of a chain. Raises NotAllowedError `access.refused`, with the same
    message for every cause, so that it does not reveal which keys exist.
    """
    try:
        parsed = parse_access(token)
        holder = Holder(parsed.issuer, parsed.authority, parsed.kid)
        jwk, reader = _find(holder, state)
        check_access(parsed, load_jwk(jwk), origin=origin, now=now)
    except (MalformedError, VerificationError, _UnknownError) as error:
        raise NotAllowedError("access.refused", "the access token is not accepted") from error
    return Rights(reader, parsed.kid, parsed.expires, holder)


def find_rights(holder: Holder, state: Callable[[str], State | None], *, expires: int) -> Rights:
    """Returns the present rights of a holder who proved possession of the key before.

    Raises NotAllowedError `access.refused` if the key has no authority any more.
    """
    try:
        _, reader = _find(holder, state)
    except _UnknownError as error:
        raise NotAllowedError("access.refused", "the key has no authority any more") from error
    return Rights(reader, holder.kid, expires, holder)


class _UnknownError(Exception):
    """The key has no authority at present."""


def _find(holder: Holder, state: Callable[[str], State | None]) -> tuple[Jwk, Reader]:
    found: tuple[Jwk, str, Reader] | None = None
    if holder.issuer == "ledger":
        ledger = state("ledger")
        if isinstance(ledger, LedgerState) and ledger.root_kid == holder.kid:
            found = (ledger.root, ledger.authority, Reader(frozenset({"root"})))
    else:
        party = state(holder.issuer)
        key = state(item_of_key(holder.kid))
        if not isinstance(party, PartyState) or party.ended:
            raise _UnknownError
        if party.admin_kid == holder.kid:
            found = (party.admin, party.authority, Reader(party=holder.issuer))
        elif isinstance(key, KeyState) and key.party == holder.issuer and not key.ended:
            roles = frozenset[str](key.roles) & frozenset[str](party.roles)
            found = (key.jwk, key.first, Reader(roles, holder.issuer, party.prefixes))
    if found is None or found[1] != holder.authority:
        raise _UnknownError
    return found[0], found[2]
