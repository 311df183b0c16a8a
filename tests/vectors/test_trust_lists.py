"""Every verifier accepts the same trust lists, and chooses the same ledger for an item."""

from __future__ import annotations

import pytest

from tests.formats.worked import truncations
from tests.passports import NOW
from tests.vectors.trust_lists import (
    AUTHORITY,
    FILES,
    FIRST,
    KEY,
    TRUST_LISTS,
    ListCase,
    format_trust_lists,
    make_list,
    trust_lists,
)
from traceledger.errors import MalformedError, TraceledgerError, UsageError, VerificationError
from traceledger.formats.note import NoteSigner
from traceledger.formats.trust_list import (
    TrustList,
    is_trust_list,
    list_ledger,
    open_trust_list,
    sign_trust_list,
)

CASES = list(trust_lists())


def judge(case: ListCase) -> str:
    try:
        found = open_trust_list(case.list.encode(), case.key, now=case.now, since=case.since)
    except TraceledgerError as error:
        return error.code
    ledger = found.choose(case.item, case.origin)
    return ledger.origin if ledger else "trust-list.item"


@pytest.mark.parametrize("case", CASES, ids=[case.desc for case in CASES])
def test_the_library_judges_the_list_as_the_vector_states(case: ListCase) -> None:
    assert judge(case) == case.expect


def test_the_lists_are_those_that_the_generator_writes() -> None:
    assert TRUST_LISTS.read_text() == format_trust_lists(), "run `make generate`"
    assert len({case.desc for case in CASES}) == len(CASES)


def test_a_signed_list_is_opened_as_it_was() -> None:
    ledgers = tuple(map(list_ledger, FILES))
    given = TrustList(AUTHORITY.name, 7, NOW - 1000, NOW + 1000, ledgers)
    data = sign_trust_list(given, AUTHORITY)
    assert data.decode() == make_list()
    assert is_trust_list(data)
    assert open_trust_list(data, KEY, now=NOW) == given
    assert given.find(FIRST) == ledgers[0]
    assert given.find("ledger.example/cq-4") is None


def test_a_list_that_no_reader_would_accept_is_not_signed() -> None:
    ledgers = tuple(map(list_ledger, FILES))
    with pytest.raises(MalformedError):
        list_ledger(b"{}")
    for other in (
        TrustList(AUTHORITY.name, 0, 1, 2, ledgers),
        TrustList(AUTHORITY.name, 1, 2, 2, ledgers),
        TrustList(AUTHORITY.name, 1, 1, 2, ledgers * 2),
    ):
        with pytest.raises(MalformedError):
            sign_trust_list(other, AUTHORITY)
    with pytest.raises(UsageError):
        sign_trust_list(
            TrustList(AUTHORITY.name, 1, 1, 2, ledgers),
            NoteSigner("customs.example/other", AUTHORITY.signer),
        )


def test_no_change_of_a_byte_is_accepted_as_the_list() -> None:
    """A list from a stranger's server is as good as the signature over all of it."""
    data = make_list(FILES[:1]).encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((MalformedError, VerificationError)):
            open_trust_list(changed, KEY, now=NOW)
    for cut in truncations(data):
        with pytest.raises(MalformedError):
            open_trust_list(cut, KEY, now=NOW)
