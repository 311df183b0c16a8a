"""The log as of a checkpoint: checkpoints with their witnesses, the policy and the trust."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.policy import open_cosigned
from traceledger.formats.trust import TRUST_ADDRESS, TrustFile
from traceledger.ledger.reading.finality import keep_named
from traceledger.verify.checkpoint import judge_finality
from traceledger.verify.verdict import Cosigner
from traceledger_api.pages.customs.visit import Visit

__all__ = ["Health", "draw_log", "judge_health"]

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Health:
    """What a checkpoint stands on.

    `time` is the latest cosignature in seconds since 1970, None without one; `witnesses` are the
    names of the trust file's witnesses, each with whether it signed and whether it replays,
    `cosigners` those who signed.
    """

    size: int
    root: str
    time: int | None
    age: int | None
    is_stale: bool
    max_age: int
    witnesses: tuple[tuple[str, bool, bool], ...]
    cosigners: tuple[Cosigner, ...]

    @property
    def signed(self) -> int:
        """How many of the witnesses signed."""
        return sum(signed for _, signed, _ in self.witnesses)


def judge_health(visit: Visit, trust: TrustFile) -> Health:
    """Judges the checkpoint of a visit by the served trust file."""
    note = keep_named(visit.ledger.checkpoint(visit.wanted.end), trust.policy)
    opened = open_cosigned(note, visit.ledger.origin, trust.policy)
    finality = judge_finality(opened, trust, visit.now)
    times = {cosigner.name: cosigner.time for cosigner in finality.cosigners}
    latest = max(times.values(), default=None)
    age = None if latest is None else max(0, visit.now - latest)
    return Health(
        size=visit.wanted.end,
        root=note.decode().splitlines()[2],
        time=latest,
        age=age,
        is_stale=age is not None and age > trust.max_age,
        max_age=trust.max_age,
        witnesses=tuple(
            (witness.name, witness.name in times, witness.name == trust.replayed_by)
            for witness in trust.policy.witnesses
        ),
        cosigners=finality.cosigners,
    )


def draw_log(visit: Visit, trust: TrustFile, trust_bytes: bytes) -> dict[str, Any]:
    """Returns the values of the page of the log."""
    rows = []
    for row in visit.ledger.newest_checkpoints(_SHOWN):
        note = parse_note(visit.ledger.cosigned(row))
        checkpoint = parse_checkpoint(note.text)
        names = [line.name for line in note.signatures if line.name != visit.ledger.origin]
        rows.append(
            {
                "size": checkpoint.size,
                "root": note.text.decode().splitlines()[2],
                "names": names,
                "event": visit.event(checkpoint.size - 1)
                if checkpoint.size <= visit.wanted.end
                else "",
                "is_this": checkpoint.size == visit.wanted.end,
            }
        )
    policy = visit.described["policy"]
    return {
        "health": judge_health(visit, trust),
        "checkpoints": rows,
        "policy": [
            (visit.words.label("fields", "set_policy", name), _show(value))
            for name, value in policy.items()
        ],
        "trust_digest": hashlib.sha256(trust_bytes).hexdigest(),
        "trust_href": f"{visit.at.root}/{TRUST_ADDRESS}",
        "basis": visit.described["basis"],
    }


def _show(value: Any) -> str:
    """Returns a value of the policy as text; a structured one as JSON."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
