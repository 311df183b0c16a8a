"""A sample with its results, as an officer states them; tests change what matters to them."""

from __future__ import annotations

import msgspec

from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteSigner
from traceledger.formats.sample import SampleRow, SampleStatement, sign_sample

__all__ = ["SIGNED_AT", "STATEMENT", "make_statement", "sign_statement"]

SIGNED_AT = 1_743_588_000

STATEMENT = SampleStatement(
    origin="ledger.example/cq-1",
    party="party/customs",
    number=3,
    revision=1,
    from_size=1,
    to_size=56,
    account="a" * 64,
    fate="open",
    frame=9,
    size=2,
    seed="b" * 64,
    results=(
        SampleRow(item="8004/9521234C000001", result="differs", remark="箱号不符 ≠ 12"),
        SampleRow(item="8004/9521234C000002"),
    ),
)


def make_statement(**changes: object) -> SampleStatement:
    """The statement with other fields."""
    return msgspec.structs.replace(STATEMENT, **changes)


def sign_statement(
    statement: SampleStatement, key: SoftwareSigner, now: float = SIGNED_AT
) -> bytes:
    """Signs a statement as `traceledger sign-sample` does, under the id of the key."""
    return sign_sample(statement, NoteSigner(key.key.kid, key), now)
