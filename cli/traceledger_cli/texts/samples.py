"""The results of a sample as text."""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.audit.sample_bound import CONFIDENCE, bound_sample
from traceledger.formats.sample import SampleStatement
from traceledger.reports.samples import describe_bound
from traceledger.reports.words import words_of
from traceledger_cli.texts.layout import pairs
from traceledger_cli.texts.words import moment

__all__ = ["describe_sample", "render_sample"]


def describe_sample(sample: SampleStatement) -> dict[str, Any]:
    """Returns a statement as JSON, with what the sample shows."""
    described: dict[str, Any] = msgspec.to_builtins(sample)
    bound = bound_sample(sample)
    shows = None if bound is None else {"confidence_percent": CONFIDENCE, **bound._asdict()}
    return {**described, "shows": shows}


def render_sample(sample: SampleStatement) -> str:
    """Renders what an officer states about each core of a sample."""
    shown = describe_bound(sample, words_of("en"))
    # The time is the claim of who signed.
    signed = [("signed", f"{moment(sample.signed_at)}, as the signer states")]
    head = pairs(
        (
            ("sample", f"{sample.number:,} of {sample.party}, statement {sample.revision:,}"),
            ("ledger", sample.origin),
            ("period", f"size {sample.from_size:,} to {sample.to_size:,}"),
            ("account", f"SHA-256 {sample.account}"),
            (
                "drawn",
                (
                    f"{len(sample.results):,} of {sample.frame:,} cores, at most {sample.size:,},"
                    f" seed {sample.seed}"
                ),
            ),
            (
                "results",
                (
                    f"{sample.count('found'):,} found, {sample.count('differs'):,} different,"
                    f" {sample.count('not_found'):,} not found,"
                    f" {len(sample.results) - sample.examined:,} not examined"
                ),
            ),
            *([("shows", shown)] if shown else ()),
            *(signed if sample.signed_at else ()),
        )
    )
    rows = pairs(
        (row.item, " ".join(filter(None, (row.result.replace("_", " ") or "-", row.remark))))
        for row in sample.results
    )
    return f"{head}\n\n{rows}"
