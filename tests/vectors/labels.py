"""Labels with the passport of their part: which statements every verifier confirms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.passports import NOW, Log
from tests.world import ORIGIN, World, make_signer
from traceledger.formats.label import LabelStatement, sign_label
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import format_trust

__all__ = ["LABELS", "format_labels"]

LABELS = Path(__file__).parent / "labels.json"


def format_labels() -> str:
    """The file: one passport of a unit approved twice, and labels with the code of each."""
    world = World()
    unit = world.unit("TESTED", (world.core("IN_PROCESS"),))
    voided = world.add("approve", unit)
    world.add("void", unit)
    approval = world.add("approve", unit)
    log = Log(world)
    log.add("revoke_key", f"key/{log.actors['quality'].signer.key.kid}", by="plant admin")
    log.add("revoke_key", f"key/{approval.kid}", by="plant admin")
    rows = [
        {"desc": desc, "fragment": fragment, "code": code}
        for desc, fragment, code in _labels(unit, voided.id, approval.id)
    ]
    document: dict[str, Any] = {
        "passport": format_passport(log.passport(unit)).decode(),
        "trust": format_trust(log.trust()).decode(),
        "item": unit,
        "origin": ORIGIN,
        "now": NOW,
        "labels": rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _labels(unit: str, voided: str, approval: str) -> Iterator[tuple[str, str, str]]:
    def signed(by: str, event: str = approval, item: str = unit, aud: str = ORIGIN) -> str:
        signer = make_signer(by)
        return sign_label(LabelStatement(aud, item, event, signer.key.kid, "2025-06"), signer)

    good = signed("approver")
    yield "By the key that approved, which was revoked later.", good, ""
    for by in ("stranger", "operator", "quality", "carrier", "plant admin"):
        yield f"By the key of {by}.", signed(by), "label.signer"
    yield "About the voided approval.", signed("approver", voided), "label.event"
    yield "About no event of the record.", signed("approver", "A" * 43), "label.event"
    other = signed("approver", item=f"{unit}X")
    yield "About another unit.", other, "label.item"
    yield "Of another ledger.", signed("approver", aud="ledger.example/other"), "label.origin"
    payload, signature = good.split(".")[1:]
    forged = signed("stranger").split(".")[2]
    yield "The good payload, signed by a stranger.", f"v1.{payload}.{forged}", "signature.false"
    yield "A signature cut short.", f"v1.{payload}.{signature[:-4]}", "label.form"
