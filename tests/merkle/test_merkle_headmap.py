from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import UsageError, VerificationError
from traceledger.merkle.headmap import (
    EMPTY,
    MAX_SEQ,
    MapLeaf,
    find_path,
    key_bit,
    map_key,
    map_leaf,
    map_node,
    map_root,
)
from traceledger.merkle.headproof import (
    MapEntry,
    check_absence,
    check_head,
    prove_absence,
    prove_head,
)

HEADS = {
    "CORE-0001": (3, sha256(b"h1").digest()),
    "CORE-0002": (0, sha256(b"h2").digest()),
    "CORE-0003": (7, sha256(b"h3").digest()),
}
ROOT = bytes.fromhex("69bf4497a7698fc5e30ef7e0787fbce1f6f45717fc45db87dafaccca945b6ceb")


def leaves_of(heads: dict[str, tuple[int, bytes]]) -> list[MapLeaf]:
    return sorted((map_key(item), map_leaf(map_key(item), *head)) for item, head in heads.items())


LEAVES = leaves_of(HEADS)


def naive_root(leaves: list[MapLeaf], depth: int = 0) -> bytes:
    """Computes T(S, d) as defined in docs/spec/log.md."""
    if len(leaves) < 2:
        return leaves[0][1] if leaves else EMPTY
    sides: tuple[list[MapLeaf], list[MapLeaf]] = ([], [])
    for leaf in leaves:
        sides[key_bit(leaf[0], depth)].append(leaf)
    return map_node(naive_root(sides[0], depth + 1), naive_root(sides[1], depth + 1))


def refuses_head(
    root: bytes, item: str, seq: int, head: bytes, siblings: tuple[bytes, ...]
) -> None:
    with pytest.raises(VerificationError) as caught:
        check_head(root, item, seq, head, siblings)
    assert caught.value.code == "map.proof"


def refuses_absence(
    root: bytes, item: str, other: MapEntry | None, siblings: tuple[bytes, ...]
) -> None:
    with pytest.raises(VerificationError) as caught:
        check_absence(root, item, other, siblings)
    assert caught.value.code == "map.proof"


def test_worked_map() -> None:
    leaf_1, leaf_2, leaf_3 = (map_leaf(map_key(item), *HEADS[item]) for item in HEADS)
    assert map_key("CORE-0001").hex() == (
        "21185e2de398837d56a2e0ff4d30f6041bc5c0e2790f9cddace82d9a90d4cb81"
    )
    assert map_key("CORE-0002").hex().startswith("3d5495c4")
    assert map_key("CORE-0003").hex().startswith("8d71f316")
    assert leaf_1.hex() == "07cec3cf24966bbbffd076c281802f6f76bda5521b76d5a2b7990cbf3285e82d"
    assert leaf_2.hex() == "094d1b2473f60dbf8a3fd8f4bd144e559ee3924f6874979654bbd967ac92eb29"
    assert leaf_3.hex() == "ae2b167fa4099a6fbdddb7aa68f91032d21310d05fa1bc11a3c4a3a9f4d5c783"
    assert map_root([]) == EMPTY == bytes(32)
    assert map_root([(map_key("CORE-0001"), leaf_1)]) == leaf_1
    assert map_root(LEAVES) == ROOT
    assert prove_head(LEAVES, "CORE-0001") == (leaf_3, EMPTY, EMPTY, leaf_2)
    assert prove_head(LEAVES, "CORE-0003") == (
        bytes.fromhex("11e319ec92eca96fb2e589f85de22482edad664615fcdcfbaef4174293d759b8"),
    )


def test_bits_are_read_most_significant_first() -> None:
    key = bytes([0b1000_0001, 0b0100_0000]) + bytes(30)
    assert [i for i in range(256) if key_bit(key, i)] == [0, 7, 9]


@pytest.mark.parametrize("item", HEADS)
def test_rejects_everything_but_the_latest_event(item: str) -> None:
    seq, head = HEADS[item]
    siblings = prove_head(LEAVES, item)
    check_head(ROOT, item, seq, head, siblings)
    refuses_head(ROOT, item, seq - 1, head, siblings)
    refuses_head(ROOT, item, seq + 1, head, siblings)
    refuses_head(ROOT, item, seq, sha256(head).digest(), siblings)
    refuses_head(ROOT, item, seq, head, siblings[:-1])
    refuses_head(ROOT, item, seq, head, (*siblings, EMPTY))
    refuses_head(ROOT, item + "x", seq, head, siblings)
    refuses_head(ROOT[::-1], item, seq, head, siblings)
    refuses_absence(ROOT, item, None, siblings)
    refuses_absence(ROOT, item, MapEntry(map_key(item), seq, head), siblings)


def test_rejects_every_changed_byte_of_a_proof() -> None:
    seq, head = HEADS["CORE-0001"]
    siblings = prove_head(LEAVES, "CORE-0001")
    for number, sibling in enumerate(siblings):
        for position in range(32):
            wrong = bytearray(sibling)
            wrong[position] ^= 1
            changed = (*siblings[:number], bytes(wrong), *siblings[number + 1 :])
            refuses_head(ROOT, "CORE-0001", seq, head, changed)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_rejects_hashes_that_are_not_32_bytes(length: int) -> None:
    seq, head = HEADS["CORE-0001"]
    siblings = prove_head(LEAVES, "CORE-0001")
    refuses_head(ROOT, "CORE-0001", seq, head, (bytes(length), *siblings[1:]))
    refuses_head(ROOT, "CORE-0001", seq, bytes(length), siblings)
    refuses_head(bytes(length), "CORE-0001", seq, head, siblings)
    refuses_absence(ROOT, "CORE-0009", MapEntry(bytes(length), 0, head), ())
    refuses_absence(ROOT, "CORE-0009", MapEntry(map_key("CORE-0001"), 0, bytes(length)), ())


def test_rejects_bytes_moved_between_seq_head_and_key() -> None:
    _, head = HEADS["CORE-0001"]
    refuses_head(ROOT, "CORE-0001", -1, head, ())
    refuses_head(ROOT, "CORE-0001", MAX_SEQ + 1, head, ())


def test_rejects_a_path_longer_than_a_key() -> None:
    seq, head = HEADS["CORE-0001"]
    refuses_head(ROOT, "CORE-0001", seq, head, (EMPTY,) * 257)
    refuses_absence(ROOT, "CORE-0009", MapEntry(map_key("CORE-0001"), seq, head), (EMPTY,) * 257)


def test_absence_that_ends_in_nothing_and_in_another_item() -> None:
    entries = {map_key(item): MapEntry(map_key(item), *head) for item, head in HEADS.items()}
    ends = set()
    for number in range(100):
        item = f"UNKNOWN-{number}"
        siblings, other = prove_absence(LEAVES, item)
        entry = None if other is None else entries[other]
        check_absence(ROOT, item, entry, siblings)
        ends.add(entry is None)
        if entry is None:
            refuses_absence(ROOT, item, entries[map_key("CORE-0001")], siblings)
        else:
            refuses_absence(ROOT, item, None, siblings)
            refuses_absence(ROOT, item, entry._replace(seq=entry.seq + 1), siblings)
    assert ends == {True, False}


def test_rejects_the_leaf_of_an_item_elsewhere_as_proof_of_absence() -> None:
    # CORE-0003 begins with bit 1, the requested item with bit 0: its proof shows nothing about it.
    item = next(name for name in map(str, range(9)) if not key_bit(map_key(name), 0))
    other = MapEntry(map_key("CORE-0003"), *HEADS["CORE-0003"])
    refuses_absence(ROOT, item, other, prove_head(LEAVES, "CORE-0003"))


def test_in_the_empty_map_every_item_is_absent() -> None:
    assert prove_absence([], "CORE-0001") == ((), None)
    check_absence(EMPTY, "CORE-0001", None, ())


def test_proves_neither_presence_of_an_absent_item_nor_absence_of_a_present_one() -> None:
    for prove, item in ((prove_head, "CORE-0009"), (prove_absence, "CORE-0001")):
        with pytest.raises(UsageError) as caught:
            prove(LEAVES, item)
        assert caught.value.code == "map.item"
    with pytest.raises(UsageError):
        prove_head([], "CORE-0001")


@pytest.mark.parametrize(
    "leaves",
    [
        LEAVES[::-1],
        [LEAVES[0], LEAVES[0]],
        [(LEAVES[0][0][:31], LEAVES[0][1])],
        [(LEAVES[0][0], LEAVES[0][1][:31])],
    ],
)
def test_refuses_leaves_out_of_order_twice_or_of_the_wrong_length(leaves: list[MapLeaf]) -> None:
    for use in (lambda: map_root(leaves), lambda: find_path(leaves, LEAVES[0][0])):
        with pytest.raises(UsageError) as caught:
            use()
        assert caught.value.code == "map.order"


def test_refuses_a_subtree_whose_keys_do_not_share_its_path() -> None:
    with pytest.raises(UsageError):
        map_root(LEAVES, 1)


KEYS = st.binary(min_size=32, max_size=32)
CLOSE_KEYS = st.integers(0, 63).map(lambda low: bytes(31) + bytes([low]))


@given(st.dictionaries(KEYS | CLOSE_KEYS, KEYS, max_size=40), KEYS | CLOSE_KEYS)
def test_root_and_paths_match_the_definition(content: dict[bytes, bytes], key: bytes) -> None:
    leaves = sorted(content.items())
    root = map_root(leaves)
    assert root == naive_root(leaves)
    siblings, leaf = find_path(leaves, key)
    assert (leaf == (key, content[key])) if key in content else (leaf is None or leaf[0] != key)
    node = EMPTY if leaf is None else leaf[1]
    for depth in reversed(range(len(siblings))):
        sibling = siblings[depth]
        node = map_node(sibling, node) if key_bit(key, depth) else map_node(node, sibling)
    assert node == root


ITEMS = st.integers(0, 200).map(lambda number: f"x/core/{number}")
HEAD = st.tuples(st.integers(0, MAX_SEQ), KEYS)


@given(st.dictionaries(ITEMS, HEAD, max_size=60), ITEMS)
def test_presence_or_absence_of_any_item_is_proven(
    heads: dict[str, tuple[int, bytes]], item: str
) -> None:
    leaves = leaves_of(heads)
    root = map_root(leaves)
    if item in heads:
        check_head(root, item, *heads[item], prove_head(leaves, item))
        return
    siblings, other = prove_absence(leaves, item)
    entries = {map_key(name): MapEntry(map_key(name), *head) for name, head in heads.items()}
    check_absence(root, item, None if other is None else entries[other], siblings)
