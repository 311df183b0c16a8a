"""The stable codes of all refusals, with their meanings and what to do.

A code is `<room or format>.<what>`, that of a finding of the account `<FAMILY>-<number>`; it never
changes its meaning. Each room has its codes in a separate file. `traceledger explain CODE` prints
an entry; the documentation and both verifiers use the same codes.
"""

from __future__ import annotations

from traceledger.codes import (
    account,
    archive,
    audit,
    command_line,
    demo,
    encodings,
    events,
    identifiers,
    ledger,
    manifests,
    merkle,
    notes,
    passport,
    publishing,
    rules,
    server,
    storage,
    witness,
    writeoff,
)
from traceledger.codes.code import Code

__all__ = ["CODES", "OF_SIGNERS", "Code"]

CODES: dict[str, Code] = {
    **identifiers.CODES,
    **manifests.CODES,
    **encodings.CODES,
    **events.CODES,
    **rules.CODES,
    **ledger.CODES,
    **server.CODES,
    **witness.CODES,
    **demo.CODES,
    **archive.CODES,
    **publishing.CODES,
    **audit.CODES,
    **account.CODES,
    **writeoff.CODES,
    **storage.CODES,
    **merkle.CODES,
    **notes.CODES,
    **passport.CODES,
    **command_line.CODES,
}

OF_SIGNERS = frozenset({*identifiers.CODES, *encodings.CODES, *events.CODES, *rules.CODES})
"""The codes of what a party signs, whose hints are for whoever signs or appends it."""
