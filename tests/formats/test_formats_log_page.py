import re
from pathlib import Path

import pytest

from tests.formats.worked import (
    COSIGN_TIME,
    COSIGNER,
    LOG_SIGNER,
    LOG_VKEY,
    ORIGIN,
    WITNESS,
    WITNESS_VKEY,
)
from traceledger.formats.checkpoint import open_checkpoint, parse_checkpoint
from traceledger.formats.cosignature import check_cosignature, cosigned_message
from traceledger.formats.encoding import decode_hash
from traceledger.formats.note import parse_note
from traceledger.formats.proof import parse_proof
from traceledger.formats.receipt import LoggedLeaf, open_receipt
from traceledger.formats.seal import Seal, parse_seal
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import map_key, map_leaf, map_root
from traceledger.merkle.headproof import MapEntry, check_absence, check_head, prove_head
from traceledger.merkle.proofs import check_inclusion
from traceledger.merkle.tree import root_of

PAGE = (Path(__file__).parents[2] / "docs/spec/log.md").read_text("utf-8")
BLOCKS: list[str] = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EVENTS = (b"eyJ.one", b"eyJ.two", b"eyJ.three")
LOG_KEYS = [LOG_SIGNER.verifier]


def block(begins: str) -> bytes:
    blocks = [text for text in BLOCKS if text.startswith(begins)]
    assert blocks, begins
    return blocks[0].encode()


SEAL_TEXT = block("traceledger/seal/v1\n")
NOTE = block(f"{ORIGIN}\n4\n")
LEAVES = [leaf_hash(entry) for entry in (*EVENTS, SEAL_TEXT)]
HEADS = {"ledger": (0, LEAVES[0]), "x/core/A1": (1, LEAVES[2])}


def test_the_page_shows_the_keys_of_its_examples() -> None:
    assert block(LOG_VKEY).decode() == f"{LOG_VKEY}\n{WITNESS_VKEY}\n"


def test_the_checkpoint_of_the_page_is_sealed_signed_and_cosigned() -> None:
    opened = open_checkpoint(NOTE, ORIGIN, LOG_KEYS, [COSIGNER.verifier])
    assert opened.checkpoint.size == len(LEAVES)
    assert opened.checkpoint.root == root_of(LEAVES)
    cosignature = check_cosignature(opened.note.text, opened.note.signatures[1], COSIGNER.verifier)
    assert cosignature == (WITNESS, COSIGN_TIME)
    assert cosigned_message(opened.note.text, COSIGN_TIME) == block("cosignature/v1\n")
    seal_proof = [decode_hash(line, "proof.form") for line in block("4JFE6xS9").splitlines()]
    check_inclusion(3, 4, LEAVES[3], seal_proof, opened.checkpoint.root)


def test_the_leaves_of_the_page_hash_as_stated() -> None:
    assert block("02c0181a").decode().split() == [leaf.hex() for leaf in LEAVES]
    begins = "0007 65794a2e6f6e65 0007 65794a2e74776f"
    assert begins in PAGE
    assert format_bundle(EVENTS[:2]) == bytes.fromhex(begins)


def test_the_seal_of_the_page_commits_to_its_map() -> None:
    leaves = sorted((map_key(item), map_leaf(map_key(item), *head)) for item, head in HEADS.items())
    assert parse_seal(SEAL_TEXT) == Seal(3, map_root(leaves), 2, None)
    example = block("key(ledger)").decode()
    for key, leaf in leaves:
        assert key.hex() in example
        assert leaf.hex() in example
    assert map_root(leaves).hex() in example
    for item, head in HEADS.items():
        check_head(map_root(leaves), item, *head, prove_head(leaves, item))
    other = MapEntry(map_key("ledger"), *HEADS["ledger"])
    siblings = [map_leaf(map_key("x/core/A1"), *HEADS["x/core/A1"])]
    assert map_key("x/core/B2").hex().startswith("7b4af097")
    check_absence(map_root(leaves), "x/core/B2", other, siblings)


def test_the_receipt_of_the_page_is_signed_by_the_log() -> None:
    receipt = open_receipt(block("traceledger/receipt/v1\n"), ORIGIN, LOG_KEYS)
    assert receipt.leaves == (LoggedLeaf(1, LEAVES[1]), LoggedLeaf(2, LEAVES[2]))


def test_the_proof_file_of_the_page_leads_to_its_checkpoint() -> None:
    proof = parse_proof(block("c2sp.org/tlog-proof@v1\n"))
    assert proof.checkpoint == NOTE
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    check_inclusion(proof.index, checkpoint.size, LEAVES[2], proof.hashes, checkpoint.root)


@pytest.mark.parametrize("value", ["07cec3cf24966bbb", "11e319ec92eca96f", "69bf4497a7698fc5"])
def test_the_page_contains_the_vectors_of_the_map(value: str) -> None:
    assert value in block("item       seq").decode()
