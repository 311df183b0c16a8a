"""Labels of a ledger's items, and the approver's signed statements on them."""

from __future__ import annotations

from datetime import UTC, datetime

from traceledger.errors import ConflictError, NotAllowedError
from traceledger.events.keys import Signer
from traceledger.events.token import Event, parse_token
from traceledger.formats.label import LabelStatement, sign_label
from traceledger.identifiers.items import item_of_key
from traceledger.labels.label import Label, read_label
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.state import KeyState, PartyState
from traceledger.views.ledger import LedgerView

__all__ = ["find_label", "state_label"]

_APPROVED = frozenset({"APPROVED", "PACKED"})


def find_label(ledger: LedgerView, base: str, item: str, statement: str = "") -> Label:
    """Reads the label of a unit, core or component; `base` and `statement` as in `read_label`.

    Raises NotFoundError `item.unknown`, MalformedError `link.form` for an item without a link.
    """
    chain = _read_chain(ledger, item)
    maker = _maker(ledger, chain)
    return read_label(base, item, chain, maker=maker, statement=statement)


def state_label(ledger: LedgerView, item: str, signer: Signer) -> str:
    """Signs the statement that a unit was approved, for the fragment of the link on its label.

    Raises NotFoundError `item.unknown`, ConflictError `label.unapproved` without a valid approval,
    NotAllowedError `label.signer` for a key other than the one that approved it, or one that ended.
    """
    chain = _read_chain(ledger, item)
    head = ledger.heads([item])[item]
    approval = _last_approval(chain)
    if head.life not in _APPROVED or approval is None:
        raise ConflictError("label.unapproved", f"{item} is {head.life} and has no valid approval")
    key = ledger.state(item_of_key(signer.key.kid))
    if approval.kid != signer.key.kid or not isinstance(key, KeyState) or key.ended:
        raise NotAllowedError(
            "label.signer",
            f"key {approval.kid} approved {item}; only it may sign its labels, while it is valid",
        )
    month = datetime.fromtimestamp(ledger.clock(), UTC).strftime("%Y-%m")
    statement = LabelStatement(ledger.origin, item, approval.id, signer.key.kid, month)
    return sign_label(statement, signer)


def _read_chain(ledger: LedgerView, item: str) -> list[Event]:
    return [parse_token(entry.body) for entry in ledger.chain(item)]


def _maker(ledger: LedgerView, chain: list[Event]) -> str:
    """Returns the name of the party that assembled a unit, "" once it is packed and for others.

    A packed unit names its maker itself, and strangers may not read parties.
    """
    effective = read_effective((event, public_fields(event)) for event in chain)
    valid = {found.event.kind_name: found.event for found in effective if not found.voided}
    assembled = None if "pack" in valid else valid.get("assemble")
    party = None if assembled is None else ledger.state(assembled.payload.iss)
    return party.name if isinstance(party, PartyState) else ""


def _last_approval(chain: list[Event]) -> Event | None:
    effective = read_effective((event, public_fields(event)) for event in chain)
    return next(
        (
            found.event
            for found in reversed(effective)
            if found.event.kind_name == "approve" and not found.voided
        ),
        None,
    )
