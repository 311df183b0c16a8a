"""Writes the vectors that every verifier of passports must agree on.

::

    python -m tests.vectors.generate

Signatures that implementations judge differently go to tests/vectors/signatures.json, labels to
tests/vectors/labels.json, trust lists to tests/vectors/trust-lists.json. One file a case in
tests/vectors/passport/: `desc`, the texts of `passport` and `trust`, `item`, `now`, `first_use`
where it is true, `companions`, the passports of other ledgers with their trust files, where there
are any, and `expect`: the report of docs/spec/results.md without `message` and `hint`, and the exit
code. A file that is not UTF-8 is `passport_base64` instead. What a case must lead to is written
down by hand with the case; the rest of a good report is recorded.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.vectors.case import Case
from tests.vectors.corners import corners
from tests.vectors.details import details
from tests.vectors.former import former
from tests.vectors.forms import forms
from tests.vectors.good import good
from tests.vectors.histories import histories
from tests.vectors.labels import LABELS, format_labels
from tests.vectors.lives import lives
from tests.vectors.rights import rights
from tests.vectors.signatures import SIGNATURES, format_signatures
from tests.vectors.trust_lists import TRUST_LISTS, format_trust_lists
from tests.vectors.wanting import wanting
from traceledger.errors import TraceledgerError
from traceledger.formats.trust import parse_trust
from traceledger.verify import Companion, describe_result, verify_passport

__all__ = ["EXITS", "FOLDER", "all_cases", "format_vector", "judge"]

FOLDER = Path(__file__).parent / "passport"
EXITS = {"verified": 0, "unchecked": 2, "refused": 3, "incomplete": 4}


def all_cases() -> Iterator[Case]:
    """Every case, in the order of its maker."""
    for maker in (good, wanting, forms, histories, rights, lives, corners, details, former):
        yield from maker()


def judge(
    passport: bytes,
    trust: bytes,
    item: str,
    now: int,
    *,
    first_use: bool,
    companions: Sequence[tuple[bytes, bytes]] = (),
) -> dict[str, Any]:
    """The report of the library on one case, without what is worded freely."""
    known = [Companion(data, parse_trust(file)) for data, file in companions]
    try:
        verdict = verify_passport(
            passport, trust, item, now=now, first_use=first_use, companions=known
        )
        found = describe_result(verdict)
    except TraceledgerError as error:
        found = describe_result(error)
    return {name: value for name, value in found.items() if name not in {"message", "hint"}}


def format_vector(case: Case) -> str:
    """The file of a case; fails if the library does not find what the case says."""
    found = judge(
        case.passport,
        case.trust,
        case.item,
        case.now,
        first_use=case.first_use,
        companions=case.companions,
    )
    wanted: dict[str, Any] = {"result": case.result, "codes": list(case.codes)}
    wanted |= {
        name: text for name, text in zip(("chain", "event"), case.place, strict=True) if text
    }
    if {found["result"], wanted["result"]} & {"refused", "unchecked"}:
        assert found == wanted, (case.name, found, wanted)
    assert found.items() >= wanted.items(), (case.name, found, wanted)
    vector: dict[str, Any] = {"desc": case.desc}
    try:
        vector["passport"] = case.passport.decode()
    except UnicodeDecodeError:
        vector["passport_base64"] = base64.b64encode(case.passport).decode()
    vector |= {"trust": case.trust.decode(), "item": case.item, "now": case.now}
    if case.first_use:
        vector["first_use"] = True
    if case.companions:
        vector["companions"] = [
            {"passport": passport.decode(), "trust": trust.decode()}
            for passport, trust in case.companions
        ]
    vector["expect"] = found | {"exit": EXITS[case.result]}
    return json.dumps(vector, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Writes all files and removes those of cases that are no more."""
    FOLDER.mkdir(exist_ok=True)
    written = set()
    for case in all_cases():
        path = FOLDER / f"{case.name}.json"
        assert path not in written, case.name
        path.write_text(format_vector(case), encoding="utf-8")
        written.add(path)
    for path in set(FOLDER.glob("*.json")) - written:
        path.unlink()
    SIGNATURES.write_text(format_signatures(), encoding="utf-8")
    LABELS.write_text(format_labels(), encoding="utf-8")
    TRUST_LISTS.write_text(format_trust_lists(), encoding="utf-8")
    sys.stdout.write(f"{len(written)} vectors\n")


if __name__ == "__main__":
    main()
