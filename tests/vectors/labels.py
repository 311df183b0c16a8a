"""Labels with the passport of their part: which statements every verifier confirms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.passports import NOW, Log
from tests.world import ORIGIN, Actor, World, make_signer
from traceledger.events.keys import Signer
from traceledger.formats.label import LabelStatement, sign_label
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import format_trust

__all__ = ["LABELS", "format_labels"]

LABELS = Path(__file__).parent / "labels.json"


def format_labels() -> str:
    """The file: passports of units, and labels of each with the code that every verifier finds."""
    records = [_approved_twice(), *_unjudged()]
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def _record(log: Log, unit: str, rows: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "passport": format_passport(log.passport(unit)).decode(),
        "trust": format_trust(log.trust()).decode(),
        "item": unit,
        "origin": ORIGIN,
        "now": NOW,
        "labels": [
            {"desc": desc, "fragment": fragment, "code": code} for desc, fragment, code in rows
        ],
    }


def _approved_twice() -> dict[str, Any]:
    world = World()
    unit = world.unit("TESTED", (world.core("IN_PROCESS"),))
    voided = world.add("approve", unit)
    world.add("void", unit)
    approval = world.add("approve", unit)
    log = Log(world)
    log.add("revoke_key", f"key/{log.actors['quality'].signer.key.kid}", by="plant admin")
    log.add("revoke_key", f"key/{approval.kid}", by="plant admin")
    return _record(log, unit, _labels(unit, voided.id, approval.id))


def _unjudged() -> Iterator[dict[str, Any]]:
    """Units whose approval no version of today can judge."""

    def tested() -> tuple[Log, str]:
        world = World()
        unit = world.unit("TESTED", (world.core("IN_PROCESS"),))
        return Log(world), unit

    def record(desc: str, log: Log, unit: str, by: str, event: str) -> dict[str, Any]:
        good = _sign(log.actors[by].signer, LabelStatement(ORIGIN, unit, event, "", "2025-06"))
        other = _sign(make_signer("stranger"), LabelStatement(ORIGIN, unit, event, "", "2025-06"))
        rows = [
            (f"{desc}.", good, "label.unjudged"),
            (f"{desc}, and a label by a stranger.", other, "label.signer"),
        ]
        return _record(log, unit, rows)

    for by in ("operator", "plant admin"):
        log, unit = tested()
        log.add("endorse", "party/plant", by="root")
        approval = log.add("approve", unit, by=by)
        yield record(f"Approved by {by}, whose rights are in doubt", log, unit, by, approval.id)
    log, unit = tested()
    signer = make_signer("new")
    grant = log.add("entrust", f"key/{signer.key.kid}", by="plant admin")
    log.actors["new"] = Actor(signer, "party/plant", grant.id)
    approval = log.add("approve", unit, by="new")
    yield record("Approved by a key of an unknown kind", log, unit, "new", approval.id)
    log, unit = tested()
    approval = log.add("approve", unit, by="approver")
    log.add("polish", unit, by="operator")
    log.add("void", unit, by="approver", refs=[("target", unit, approval.id)])
    desc = "An approval with a void after an unknown kind"
    yield record(desc, log, unit, "approver", approval.id)


def _sign(signer: Signer, statement: LabelStatement) -> str:
    return sign_label(statement._replace(kid=signer.key.kid), signer)


def _labels(unit: str, voided: str, approval: str) -> Iterator[tuple[str, str, str]]:
    def signed(by: str, event: str = approval, item: str = unit, aud: str = ORIGIN) -> str:
        return _sign(make_signer(by), LabelStatement(aud, item, event, "", "2025-06"))

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
