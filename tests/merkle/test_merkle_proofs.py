from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.merkle.tiled_tree import TiledTree
from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.merkle.hashing import EMPTY_ROOT, leaf_hash, node_hash
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.proofs import (
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
    root_from_inclusion,
)
from traceledger.merkle.tree import MAX_TREE_SIZE, root_of

EXHAUSTIVE = 70
TREE = TiledTree.of_size(70_000)
ROOTS = [root_of(TREE.leaves[:n]) for n in range(EXHAUSTIVE + 1)]


def rfc_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Follows RFC 9162 section 2.1.3.2 step by step; returns the root, or None if it fails."""
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def rfc_consistency(
    old: int, new: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Follows RFC 9162 section 2.1.4.2 step by step; returns both roots, or None if it fails."""
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not hashes:
        return None
    fr = sr = hashes[0]
    for c in hashes[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr) if sn == 0 else None


def refuses_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    with pytest.raises(VerificationError) as caught:
        check_inclusion(index, size, leaf, proof, root)
    assert caught.value.code == "merkle.proof"


def refuses_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    with pytest.raises(VerificationError) as caught:
        check_consistency(old, new, old_root, new_root, proof)
    assert caught.value.code == "merkle.proof"


class Inclusion(NamedTuple):
    position: int
    size: int
    leaf: bytes
    proof: tuple[bytes, ...]
    root: bytes


class Consistency(NamedTuple):
    old: int
    new: int
    old_root: bytes
    new_root: bytes
    proof: tuple[bytes, ...]


def honest_inclusion(index: int, size: int) -> Inclusion:
    proof = prove_inclusion(index, size, TREE)
    return Inclusion(index, size, TREE.leaves[index], proof, StoredTree(size, TREE).root)


def honest_consistency(old: int, new: int) -> Consistency:
    proof = prove_consistency(old, new, TREE)
    roots = StoredTree(old, TREE).root, StoredTree(new, TREE).root
    return Consistency(old, new, *roots, proof)


def mangled(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Returns variants of a proof: shorter, longer, truncated, swapped, with a bit flipped."""
    wrong = [(*proof, bytes(32)), (bytes(32), *proof)]
    for i, value in enumerate(proof):
        before, after = proof[:i], proof[i + 1 :]
        flipped = bytes([value[0] ^ 1]) + value[1:]
        wrong += [
            before + after,
            (*before, flipped, *after),
            (*before, value[:-1], *after),
            (*before, value + b"\x00", *after),
            (*before, b"", *after),
        ]
        if after and after[0] != value:
            wrong.append((*before, after[0], value, *after[1:]))
    return wrong


def test_worked_proofs() -> None:
    tree = TiledTree()
    tree.append(leaf_hash(entry) for entry in (b"one", b"two", b"three"))
    one, two, three = tree.leaves
    assert prove_inclusion(1, 3, tree) == (one, three)
    assert prove_consistency(2, 3, tree) == (three,)
    assert prove_consistency(1, 3, tree) == (two, three)
    assert b64encode(three).decode() == "Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q="
    check_inclusion(1, 3, two, (one, three), root_of(tree.leaves))
    check_consistency(2, 3, root_of([one, two]), root_of(tree.leaves), (three,))


@pytest.mark.parametrize("size", range(1, EXHAUSTIVE + 1))
def test_every_inclusion_proof_of_a_small_tree_checks_as_in_the_rfc(size: int) -> None:
    for index in range(size):
        proof = prove_inclusion(index, size, TREE)
        check_inclusion(index, size, TREE.leaves[index], proof, ROOTS[size])
        assert rfc_inclusion(index, size, TREE.leaves[index], proof) == ROOTS[size]


@pytest.mark.parametrize("new", range(1, EXHAUSTIVE + 1))
def test_every_consistency_proof_of_a_small_tree_checks_as_in_the_rfc(new: int) -> None:
    for old in range(1, new + 1):
        proof = prove_consistency(old, new, TREE)
        check_consistency(old, new, ROOTS[old], ROOTS[new], proof)
        if old < new:
            assert rfc_consistency(old, new, ROOTS[old], proof) == (ROOTS[old], ROOTS[new])


@pytest.mark.parametrize("size", range(1, 18))
def test_rejects_every_mangled_inclusion_proof_of_a_small_tree(size: int) -> None:
    for index in range(size):
        good = honest_inclusion(index, size)
        for proof in mangled(good.proof):
            refuses_inclusion(*good._replace(proof=proof))
        for other in range(size + 2):
            if other != index:
                refuses_inclusion(*good._replace(position=other))
        refuses_inclusion(*good._replace(root=ROOTS[size - 1]))
        refuses_inclusion(*good._replace(leaf=TREE.leaves[(index + 1)]))


@pytest.mark.parametrize("new", range(1, 18))
def test_rejects_every_mangled_consistency_proof_of_a_small_tree(new: int) -> None:
    for old in range(1, new + 1):
        good = honest_consistency(old, new)
        for proof in mangled(good.proof):
            refuses_consistency(*good._replace(proof=proof))
        refuses_consistency(*good._replace(old_root=ROOTS[old - 1]))
        refuses_consistency(*good._replace(new_root=ROOTS[new + 1]))
        if old != new:
            swapped = good._replace(old_root=good.new_root, new_root=good.old_root)
            refuses_consistency(*swapped)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_rejects_hashes_that_are_not_32_bytes(length: int) -> None:
    good = honest_inclusion(1, 1000)
    refuses_inclusion(*good._replace(leaf=bytes(length)))
    refuses_inclusion(*good._replace(root=bytes(length)))
    refuses_inclusion(0, 1, bytes(length), (), bytes(length))
    step = honest_consistency(700, 1000)
    refuses_consistency(*step._replace(old_root=bytes(length)))
    refuses_consistency(*step._replace(new_root=bytes(length)))
    refuses_consistency(5, 5, bytes(length), bytes(length), ())


def test_rejects_bytes_shifted_between_adjacent_hashes() -> None:
    good = honest_inclusion(0, 8)
    first, second, third = good.proof
    refuses_inclusion(*good._replace(proof=(first + second[:1], second[1:], third)))


def test_rejects_consistency_from_size_0() -> None:
    refuses_consistency(0, 3, EMPTY_ROOT, ROOTS[3], ())
    refuses_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, ())


def test_rejects_consistency_from_the_larger_to_the_smaller() -> None:
    step = honest_consistency(3, 5)
    refuses_consistency(5, 3, step.new_root, step.old_root, step.proof)


def test_rejects_two_roots_for_one_size() -> None:
    refuses_consistency(3, 3, ROOTS[3], ROOTS[4], ())


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (0, MAX_TREE_SIZE + 1)])
def test_there_is_no_proof_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(UsageError) as caught:
        prove_inclusion(index, size, TREE)
    assert caught.value.code == "merkle.range"
    refuses_inclusion(index, size, TREE.leaves[0], (), TREE.leaves[0])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3), (1, MAX_TREE_SIZE + 1)])
def test_there_is_no_consistency_proof_outside_the_tree(old: int, new: int) -> None:
    with pytest.raises(UsageError) as caught:
        prove_consistency(old, new, TREE)
    assert caught.value.code == "merkle.range"
    refuses_consistency(old, new, ROOTS[1], ROOTS[3], ())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_proofs_of_large_trees_check_as_in_the_rfc(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70_000))
    good = honest_inclusion(data.draw(st.integers(0, size - 1)), size)
    check_inclusion(*good)
    assert rfc_inclusion(*good[:4]) == good.root
    step = honest_consistency(data.draw(st.integers(1, size)), size)
    check_consistency(*step)
    if step.proof:
        refuses_inclusion(*good._replace(proof=(*good.proof, step.proof[0])))
        both = rfc_consistency(step.old, step.new, step.old_root, step.proof)
        assert both == (step.old_root, step.new_root)


@settings(deadline=None)
@given(
    st.integers(0, MAX_TREE_SIZE),
    st.integers(0, MAX_TREE_SIZE),
    st.lists(st.binary(min_size=32, max_size=32), max_size=66),
)
def test_arbitrary_proofs_check_as_in_the_rfc(index: int, size: int, proof: list[bytes]) -> None:
    leaf = TREE.leaves[0]
    expected = rfc_inclusion(index, size, leaf, proof) if index < size else None
    if expected is None:
        refuses_inclusion(index, size, leaf, proof, ROOTS[1])
    else:
        assert root_from_inclusion(index, size, leaf, proof) == expected


def test_a_proof_in_the_largest_tree_has_63_hashes() -> None:
    proof = [bytes(32)] * 63
    root = root_from_inclusion(0, MAX_TREE_SIZE, TREE.leaves[0], proof)
    check_inclusion(0, MAX_TREE_SIZE, TREE.leaves[0], proof, root)
    refuses_inclusion(0, MAX_TREE_SIZE, TREE.leaves[0], [*proof, bytes(32)], root)


def test_an_inclusion_proof_reads_at_most_one_tile_per_level_and_the_edge() -> None:
    TREE.reads = 0
    prove_inclusion(12_345, 70_000, TREE)
    assert TREE.reads <= 5


class Cut:
    def read_tile(self, level: int, index: int, width: int) -> bytes:
        return TREE.read_tile(level, index, width)[:-1]


def test_refuses_a_tile_of_the_wrong_length() -> None:
    with pytest.raises(MalformedError) as caught:
        prove_inclusion(0, 1000, Cut())
    assert caught.value.code == "merkle.tile"


def test_the_root_of_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert StoredTree(0, TREE).root == EMPTY_ROOT
