"""Changes that break parsers, from a seeded generator: the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

__all__ = ["mutations"]

_TOKENS = (
    b"\x00", b"\n", b"\r\n", b" ", b"~", b".", b"=", b"-", b"_", b"/", b"{", b"}", b"[", b"]",
    b'"', b"\\u0000", b"\\ud800", b"null", b"1e5", b"-0", b"0.1", b"true", b"\xff", b"\xc3\x28",
    b"\xed\xa0\x80", b"\xef\xbb\xbf", b"9" * 20, b"99999999999999999999999999", "—".encode(),
    b"[" * 500, b'{"a":' * 300, b"A" * 43, b"__proto__", b"\xe2\x80\xae", b"%00", b"..",
)  # fmt: skip


def mutations(seeds: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """Gives changed seeds: bits flipped, parts cut, doubled, moved, filled with odd bytes."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            _change(data, seeds, chance)
        yield bytes(data)


def _change(data: bytearray, seeds: Sequence[bytes], chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.choice((1, 1, 2, 8, 64, 1000)))
    match chance.randrange(8):
        case 0 | 1 if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end] * chance.choice((1, 2, 50))
        case 4:
            data[start:start] = chance.choice(_TOKENS)
        case 5:
            data[start:end] = chance.choice(_TOKENS)
        case 6:
            other = chance.choice(seeds)
            cut = chance.randrange(len(other) + 1)
            data[start:end] = other[cut : cut + end - start + 1]
        case _:
            del data[start:]
