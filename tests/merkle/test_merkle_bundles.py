import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError, UsageError
from traceledger.merkle.bundles import MAX_ENTRY_SIZE, format_bundle, parse_bundle

WORKED = bytes.fromhex("00036f6e65000374776f00057468726565")


def test_worked_bundle() -> None:
    assert format_bundle([b"one", b"two", b"three"]) == WORKED
    assert parse_bundle(WORKED, 3) == (b"one", b"two", b"three")


def test_worked_request_to_a_mirror_contains_the_bundle() -> None:
    # C2SP tlog-mirror, add-entries: origin, start, end, no ticket; entries, and no hash for them.
    origin = b"ledger.example/reman"
    body = bytes.fromhex(
        "0014 6c65646765722e6578616d706c652f72656d616e 0000000000000000 0000000000000003 0000"
        "00036f6e65 000374776f 00057468726565 00"
    )
    head = len(origin).to_bytes(2) + origin + (0).to_bytes(8) + (3).to_bytes(8) + bytes(2)
    assert body == head + format_bundle([b"one", b"two", b"three"]) + b"\0"
    assert parse_bundle(body[len(head) : -1], 3) == (b"one", b"two", b"three")


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_round_trip(entries: list[bytes]) -> None:
    assert parse_bundle(format_bundle(entries), len(entries)) == tuple(entries)


def test_refuses_every_truncation_and_any_trailing_byte() -> None:
    for end in range(len(WORKED)):
        with pytest.raises(MalformedError) as caught:
            parse_bundle(WORKED[:end], 3)
        assert caught.value.code == "merkle.tile"
    with pytest.raises(MalformedError):
        parse_bundle(WORKED + b"\x00", 3)


@pytest.mark.parametrize("width", [0, 2, 4])
def test_refuses_another_number_of_entries(width: int) -> None:
    with pytest.raises(MalformedError):
        parse_bundle(WORKED, width)


def test_an_entry_has_at_most_65535_bytes() -> None:
    entry = bytes(MAX_ENTRY_SIZE)
    assert parse_bundle(format_bundle([entry]), 1) == (entry,)
    with pytest.raises(UsageError) as caught:
        format_bundle([entry + b"\x00"])
    assert caught.value.code == "merkle.range"
