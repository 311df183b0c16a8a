"""Every byte of an archive counts: each change is found, and the error names where.

Verifying a whole archive once for each of its bytes takes hours, so each test runs the part of the
verification that reads the changed file; a sample of all changes goes through the whole of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.forging import Files, Forger, MemorySource, audit
from traceledger.errors import MalformedError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.archive import disclosures_path, entries_path, parse_disclosures
from traceledger.formats.trust import TrustFile
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tiles import bundles_of
from traceledger.verify.archive.checker import Checker
from traceledger.verify.archive.checkpoints import read_note
from traceledger.verify.archive.entry import Entry, check_entry
from traceledger.verify.archive.verification import Verification
from traceledger.verify.scratch.scratch import Scratch

SIZE = 543
BUNDLES = list(bundles_of(SIZE))
CHECKPOINTS = [
    "checkpoint",
    "checkpoints/21",
    "checkpoints/307",
    "checkpoints/516",
    "checkpoints/543",
]
FULL = ["tile/0/000", "tile/0/001"]
PARTIAL = "tile/0/002.p/31"
UPPER = "tile/1/000.p/2"


def flips(data: bytes, bits: range = range(1), step: int = 1) -> Iterator[tuple[int, bytes]]:
    """Each byte with one bit changed, which differs from byte to byte, or with each of `bits`."""
    for place in range(0, len(data), step):
        for bit in bits:
            changed = bytearray(data)
            changed[place] ^= 1 << ((place + bit) % 8)
            yield place, bytes(changed)


def refusal(check: Callable[..., object], *args: Any, **options: Any) -> VerificationError:
    try:
        check(*args, **options)
    except VerificationError as error:
        return error
    raise AssertionError("the change was not found")


def place_of(log: Forger, index: int) -> str:
    return f"entry {index}, event {encode_base64url(leaf_hash(log.entries[index]))}"


def known_keys(log: Forger) -> dict[str, bytes]:
    """All keys of the ledger, as an audit knows them after the first bundle."""
    with_keys = MemorySource(log.files())
    trust = log.trust()
    note = read_note(with_keys, "checkpoint", trust)
    run = Verification(with_keys, trust, note, Scratch(None), {})
    run.take(run.checker.check(0, run.keys))
    return dict(run.keys)


def test_archive_is_what_the_tests_below_take_it_for(honest: Forger, files: Files) -> None:
    assert honest.size == SIZE
    everything = {entries_path(one.index, one.width) for one in BUNDLES}
    everything |= {disclosures_path(one.index, one.width) for one in BUNDLES}
    assert set(files) == everything | {*CHECKPOINTS, *FULL, PARTIAL, UPPER}
    verdict = audit(files, honest.trust())
    assert (verdict.result, verdict.counts.erased) == ("verified", 1)
    assert {event.kind_name for event in honest.events} >= {"correct", "confirm", "void", "erase"}


@pytest.mark.parametrize("path", CHECKPOINTS)
def test_every_bit_of_a_checkpoint_counts(path: str, files: Files, trust: TrustFile) -> None:
    for place, data in flips(files[path], range(8)):
        error = refusal(read_note, MemorySource({path: data}), path, trust)
        assert error.where.startswith(path), place


def check_tile_flips(path: str, files: Files, trust: TrustFile, step: int) -> None:
    changing = dict(files)
    changed = MemorySource(changing)
    root = read_note(changed, "checkpoint", trust).opened.checkpoint.root
    checker = Checker(changed, SIZE, root, disclosed=True, valued=True)
    number = int(path.split("/")[2][:3])

    def check() -> None:
        if path == UPPER:
            audit(changing, trust)
            return
        checker.check(number, {})

    for place, data in flips(files[path], step=step):
        changing[path] = data
        error = refusal(check)
        assert (error.code, error.where) == ("archive.tile", path), place


@pytest.mark.parametrize("path", [PARTIAL, UPPER])
def test_every_byte_of_a_tile_counts(path: str, files: Files, trust: TrustFile) -> None:
    check_tile_flips(path, files, trust, 1)


@pytest.mark.parametrize("path", FULL)
def test_every_7th_byte_of_a_full_tile_counts(path: str, files: Files, trust: TrustFile) -> None:
    check_tile_flips(path, files, trust, 7)


@pytest.mark.faults
@pytest.mark.parametrize("path", FULL)
def test_every_byte_of_a_full_tile_counts(path: str, files: Files, trust: TrustFile) -> None:
    check_tile_flips(path, files, trust, 1)


def check_bundle_flips(honest: Forger, files: Files, number: int, step: int) -> None:
    bundle = BUNDLES[number]
    path = entries_path(bundle.index, bundle.width)
    first = bundle.index * 256
    changing = dict(files)
    changed = MemorySource(changing)
    root = read_note(changed, "checkpoint", honest.trust()).opened.checkpoint.root
    checker = Checker(changed, SIZE, root, disclosed=False, valued=False)
    ends: list[int] = []
    for body in honest.entries[first : first + bundle.width]:
        ends.append((ends[-1] if ends else 0) + 2 + len(body))
    entry = 0
    for place, data in flips(files[path], step=step):
        while place >= ends[entry]:
            entry += 1
        changing[path] = data
        error = refusal(checker.check, number, {})
        assert error.code == "archive.bundle"
        assert error.where == f"{path}, {place_of(honest, first + entry)}"


def test_every_byte_of_a_bundle_counts(honest: Forger, files: Files) -> None:
    check_bundle_flips(honest, files, 2, 1)


@pytest.mark.parametrize("number", [0, 1])
def test_every_61st_byte_of_a_full_bundle_counts(number: int, honest: Forger, files: Files) -> None:
    check_bundle_flips(honest, files, number, 61)


@pytest.mark.faults
@pytest.mark.parametrize("number", [0, 1])
def test_every_byte_of_a_full_bundle_counts(number: int, honest: Forger, files: Files) -> None:
    check_bundle_flips(honest, files, number, 1)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_byte_of_the_disclosures_counts(number: int, honest: Forger, files: Files) -> None:
    bundle = BUNDLES[number]
    path = disclosures_path(bundle.index, bundle.width)
    keys = known_keys(honest)
    right = parse_disclosures(files[path], bundle.width)
    for place, data in flips(files[path]):
        try:
            lines = parse_disclosures(data, bundle.width)
        except MalformedError:
            continue
        # Entries whose disclosures are the same are checked as before.
        one = next(one for one in range(bundle.width) if lines[one] != right[one])
        index = bundle.index * 256 + one
        body = honest.entries[index]
        entry = Entry(index, leaf_hash(body), body, lines[one])
        error = refusal(check_entry, entry, keys, last=True, width=bundle.width, valued=True)
        assert error.where.startswith(f"{path}, {place_of(honest, index)}"), place


@pytest.mark.parametrize("part", range(4))
def test_sample_of_all_changes_is_found_by_the_whole_verification(
    part: int, files: Files, trust: TrustFile
) -> None:
    chance = random.Random(part)
    for _ in range(12):
        path = chance.choice(sorted(files))
        changed = bytearray(files[path])
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        error = refusal(audit, {**files, path: bytes(changed)}, trust)
        assert error.where.startswith(path)
