"""Trust lists: which ones every verifier accepts, and which ledger it chooses for an item.

`python -m tests.vectors.generate` writes them to tests/vectors/trust-lists.json, a list of `desc`,
`list`, `key` (a fingerprint), `since`, `now`, `item`, `origin`, which the record claims, and
`expect`: the origin of the ledger chosen, or the code under which nothing is verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.passports import CUSTOMS, NOW, PLAIN
from tests.world import make_signer
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import NoteSigner, add_signatures, sign_note
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TrustFile, fingerprint, format_trust
from traceledger.formats.trust_list import MAX_TIME
from traceledger.formats.vkey import format_vkey

__all__ = [
    "AUTHORITY",
    "KEY",
    "TRUST_LISTS",
    "ListCase",
    "format_trust_lists",
    "make_list",
    "make_trust",
    "trust_lists",
]

TRUST_LISTS = Path(__file__).parent / "trust-lists.json"
AUTHORITY = NoteSigner("customs.example/ledgers", make_signer("authority"))
KEY = fingerprint(format_vkey(AUTHORITY.verifier).encode())
STRANGER = NoteSigner(AUTHORITY.name, make_signer("stranger"))
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
FIRST, SECOND, THIRD = (f"ledger.example/cq-{number}" for number in (1, 2, 3))
NUMBER = 7


def make_trust(origin: str, *items: str, signer: str = "") -> bytes:
    """The trust file of a ledger that speaks for these items."""
    log = NoteSigner(origin, make_signer(signer or origin)).verifier
    policy = (
        f"log {format_vkey(log)}\nwitness w {format_vkey(PLAIN.verifier)}\n"
        f"witness customs {format_vkey(CUSTOMS.verifier)}\nquorum customs\n"
    )
    trust = TrustFile(
        origin=origin,
        founding="A" * 43,
        policy_text=policy,
        policy=parse_policy(policy.encode()),
        customs=(),
        items=items,
        max_age=86_400,
    )
    return format_trust(trust)


FILES = (
    make_trust(FIRST, "01/0952123", "8004/9521234"),
    make_trust(SECOND, "01/09521235", "lot/"),
    make_trust(THIRD, "01/0952123", "lot/"),
)


def make_list(
    files: Sequence[bytes] = FILES,
    *,
    lines: Sequence[str | int] | None = None,
    digest: bytes | None = None,
    signer: NoteSigner = AUTHORITY,
    note: str = "",
    **changes: Any,
) -> str:
    """Any list whatsoever: `lines` are number and times of the note, `changes` replace members."""
    if digest is None:
        digest = sha256(b"".join(file + b"\n" for file in files)).digest()
    given = (NUMBER, NOW - 1000, NOW + 1000) if lines is None else lines
    text = "\n".join(
        ["traceledger/trust-list/v1", signer.name, *map(str, given), encode_base64(digest).decode()]
    )
    document = {
        "format": "traceledger/trust-list/v1",
        "key": format_vkey(signer.verifier),
        "ledgers": [msgspec.json.decode(file) for file in files],
        "note": note or sign_note(f"{text}\n".encode(), [signer]).decode(),
    }
    return msgspec.json.encode(document | changes, order="sorted").decode()


class ListCase(NamedTuple):
    """A list, how it is opened and for what, and what must come out."""

    desc: str
    list: str
    expect: str
    item: str = UNIT
    origin: str = FIRST
    key: str = KEY
    since: int = 0
    now: int = NOW


def format_trust_lists() -> str:
    """The file of all cases."""
    rows = [case._asdict() for case in trust_lists()]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def trust_lists() -> Iterator[ListCase]:
    """Every case, in the order of the specification."""
    yield from _choices()
    yield from _forms()
    yield from _signatures()
    yield from _times()


def _choices() -> Iterator[ListCase]:
    good = make_list()
    yield ListCase("The ledger that the record claims.", good, FIRST)
    yield ListCase(
        "Another of the same prefix, which the record claims.", good, THIRD, origin=THIRD
    )
    yield ListCase("The first of the same prefix, for an unknown ledger.", good, FIRST, origin="x")
    closer = "01/09521235000018/21/7KQ2X4PM9ATRWC"
    yield ListCase("A longer prefix, whatever the record claims.", good, SECOND, item=closer)
    yield ListCase("No ledger covers it.", good, "trust-list.item", item="01/09509999000011/21/A")
    yield ListCase("An asset.", good, FIRST, item="8004/9521234CORE1")
    yield ListCase("A lot of the second of two.", good, THIRD, item="lot/L1", origin=THIRD)
    yield ListCase("The same list again.", good, FIRST, since=NUMBER)
    damaged = msgspec.json.encode({"items": ["01/0952123"], "origin": FIRST})
    yield ListCase("A trust file that is none is chosen all the same.", make_list([damaged]), FIRST)
    both = add_signatures(
        msgspec.json.decode(good)["note"].encode(), [STRANGER.sign(b"anything\n")]
    )
    yield ListCase("A line of a stranger beside it.", make_list(note=both.decode()), FIRST)


def _forms() -> Iterator[ListCase]:
    def malformed(desc: str, text: str, code: str = "trust-list.form") -> ListCase:
        return ListCase(desc, text, code)

    good = make_list()
    yield malformed("A trust file alone.", FILES[0].decode())
    yield malformed("Empty.", "")
    yield malformed("Cut off.", good[:-1])
    yield malformed("With a line end.", f"{good}\n")
    yield malformed("With a space.", good.replace('"key":', '"key": ', 1))
    yield malformed("A space in a trust file.", good.replace('"items":', '"items": ', 1))
    yield malformed("A broken number in a trust file.", good.replace("86400", "86400.5", 1))
    yield malformed("Another version.", make_list(format="traceledger/trust-list/v2"))
    yield malformed("An unknown member.", make_list(extra=1))
    yield malformed("No ledger.", make_list([]))
    yield malformed("A ledger twice.", make_list([FILES[0], FILES[0]]))
    yield malformed("A ledger without an origin.", make_list([b'{"items":["01/"]}']))
    yield malformed("A ledger without items.", make_list([b'{"origin":"a"}']))
    yield malformed("Items that are no texts.", make_list([b'{"items":[1],"origin":"a"}']))
    yield malformed("Ledgers in an object.", make_list(ledgers={}))
    yield malformed("A text as ledger.", make_list(ledgers=["a"]))
    yield malformed("No key.", make_list(key=""), "note.key")
    yield malformed(
        "The key of a witness.", make_list(key=format_vkey(CUSTOMS.verifier)), "note.key"
    )
    yield malformed("No note.", make_list(note="none"), "note.form")
    odd = NoteSigner("traceledger/list", make_signer("authority"))
    yield malformed("A name that no origin has.", make_list(signer=odd))
    yield malformed("The name of another key.", make_list(key=format_vkey(PLAIN_LOG.verifier)))
    texts: dict[str, tuple[str | int, ...]] = {
        "The number 0.": (0, 1, 2),
        "A number beyond 2^53 - 1.": (2**53, 1, 2),
        "A number with a zero before it.": ("07", 1, 2),
        "A negative number.": (-1, 1, 2),
        "Expired when it was issued.": (1, 2, 2),
        "Beyond the year 9999.": (1, 2, MAX_TIME + 1),
        "A line too few.": (1, 2),
        "A line too many.": (1, 2, 3, 4),
    }
    for desc, lines in texts.items():
        yield malformed(desc, make_list(lines=lines))
    yield malformed("A short hash.", make_list(digest=bytes(31)))


PLAIN_LOG = NoteSigner("customs.example/other", make_signer("authority"))


def _signatures() -> Iterator[ListCase]:
    good = make_list()
    other = fingerprint(format_vkey(STRANGER.verifier).encode())
    yield ListCase("By another key than the one accepted.", good, "trust-list.key", key=other)
    stolen = make_list(signer=STRANGER)
    yield ListCase("By a stranger of the same name.", stolen, "trust-list.key")
    claimed = make_list(signer=STRANGER, key=format_vkey(AUTHORITY.verifier))
    yield ListCase("The authority's key, a stranger's signature.", claimed, "note.signature")
    note = msgspec.json.decode(good)["note"]
    later = make_list(note=note.replace(f"\n{NUMBER}\n", "\n8\n"))
    yield ListCase("A changed number.", later, "note.signature")
    line = note.rpartition("\n\n")[2]
    yield ListCase("Signed twice by the key.", make_list(note=note + line), "note.form")
    yield ListCase("A ledger taken out.", make_list(FILES[1:], note=note), "trust-list.changed")
    yield ListCase(
        "Ledgers in another order.", make_list(FILES[::-1], note=note), "trust-list.changed"
    )
    longer = make_trust(FIRST, "01/0952123", "8004/9521234", "lot/")
    yield ListCase(
        "More items for a ledger.", make_list([longer, *FILES[1:]], note=note), "trust-list.changed"
    )


def _times() -> Iterator[ListCase]:
    good = make_list()
    yield ListCase("Older than the one known.", good, "trust-list.older", since=NUMBER + 1)
    yield ListCase("In its last second.", good, FIRST, now=NOW + 999)
    yield ListCase("Expired.", good, "trust-list.expired", now=NOW + 1000)
    yield ListCase("Older and expired.", good, "trust-list.older", since=8, now=NOW + 1000)
    yield ListCase("300 seconds before its issue.", good, FIRST, now=NOW - 1300)
    yield ListCase("301 seconds before its issue.", good, "trust-list.early", now=NOW - 1301)
