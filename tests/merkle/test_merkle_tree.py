from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.merkle.hashing import EMPTY_ROOT, leaf_hash, node_hash
from traceledger.merkle.tree import Frontier, root_of

LEAVES = [leaf_hash(str(i).encode()) for i in range(300)]


def recursive_root(leaves: list[bytes]) -> bytes:
    """Computes MTH as defined in RFC 6962 section 2.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(recursive_root(leaves[:half]), recursive_root(leaves[half:]))


def test_worked_roots() -> None:
    leaves = [leaf_hash(entry) for entry in (b"one", b"two", b"three")]
    assert [b64encode(root_of(leaves[:n])).decode() for n in range(4)] == [
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=",
        "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=",
        "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=",
    ]


@pytest.mark.parametrize("size", range(70))
def test_root_matches_the_recursive_definition(size: int) -> None:
    assert root_of(LEAVES[:size]) == recursive_root(LEAVES[:size])


@given(st.lists(st.integers(0, 80), max_size=5))
def test_batches_give_the_same_tree_as_single_leaves(batches: list[int]) -> None:
    frontier = Frontier()
    done = 0
    for count in batches:
        batch = LEAVES[done : done + count]
        frontier = frontier.extended(batch)
        done += len(batch)
    assert frontier.size == done
    assert frontier.root == recursive_root(LEAVES[:done])
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


def test_extending_leaves_the_old_frontier_unchanged() -> None:
    before = Frontier().extended(LEAVES[:5])
    root = before.root
    before.extended(LEAVES[5:9])
    assert (before.size, before.root) == (5, root)


def test_refuses_every_truncation_and_extension_of_a_stored_frontier() -> None:
    data = Frontier().extended(LEAVES[:11]).to_bytes()
    for end in range(len(data)):
        with pytest.raises(MalformedError) as caught:
            Frontier.from_bytes(data[:end])
        assert caught.value.code == "merkle.tile"
    with pytest.raises(MalformedError):
        Frontier.from_bytes(data + b"\x00")


def test_refuses_a_stored_frontier_beyond_the_largest_tree() -> None:
    with pytest.raises(MalformedError):
        Frontier.from_bytes((2**63).to_bytes(8) + bytes(32))
