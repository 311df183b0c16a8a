from hashlib import sha256

from traceledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash


def test_agrees_with_the_rfc6962_hasher_vectors() -> None:
    assert [
        EMPTY_ROOT.hex(),
        leaf_hash(b"").hex(),
        leaf_hash(b"L123456").hex(),
        node_hash(b"N123", b"N456").hex(),
    ] == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    ]


def test_hashes_the_worked_entries() -> None:
    expected = {
        b"one": "d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9",
        b"two": "ab1ab7f07c7c8fe0eff4ba6faa53c7e4412e91a599153e8aa4e01beece5b7825",
        b"three": "671f146c5e471e8a1a83a3c214ce4ba907b8f3a5888d14cc8cd3ce75bb12ef94",
    }
    assert {entry: leaf_hash(entry).hex() for entry in expected} == expected


def test_leaf_and_node_are_different_even_for_the_same_bytes() -> None:
    left, right = sha256(b"left").digest(), sha256(b"right").digest()
    assert leaf_hash(left + right) != node_hash(left, right)
    assert len(leaf_hash(b"")) == HASH_SIZE
