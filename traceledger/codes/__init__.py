"""The stable codes of everything that traceledger refuses, with their meaning and what to do.

A code is `<room or format>.<what>`; it never changes its meaning. Each room's codes stand in a file
of its own. `traceledger explain CODE` prints an entry; documentation and both verifiers use the
same table.
"""

from __future__ import annotations

from traceledger.codes import (
    archive,
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
    rules,
    server,
    storage,
    witness,
)
from traceledger.codes.code import Code

__all__ = ["CODES", "Code"]

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
    **storage.CODES,
    **merkle.CODES,
    **notes.CODES,
    **passport.CODES,
    **command_line.CODES,
}
