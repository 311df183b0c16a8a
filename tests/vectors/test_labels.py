"""A label is confirmed only by the key that approved the part, in every verifier."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.labels import LABELS, format_labels
from traceledger.errors import TraceledgerError
from traceledger.formats.trust import parse_trust
from traceledger.identifiers import parse_link
from traceledger.verify.label import check_label, confirm_label

RECORDS = json.loads(LABELS.read_text())
ROWS = [(record, row) for record in RECORDS for row in record["labels"]]


@pytest.mark.parametrize(("record", "row"), ROWS, ids=[row["desc"] for _, row in ROWS])
def test_the_library_judges_the_label_as_the_vector_states(
    record: dict[str, Any], row: dict[str, Any]
) -> None:
    trust = parse_trust(record["trust"].encode())
    link = parse_link(f"https://id.example/{record['item']}#{row['fragment']}")
    try:
        label = check_label(link, trust)
        found = confirm_label(label, record["passport"].encode(), trust, now=record["now"])
    except TraceledgerError as error:
        code = error.code
    else:
        code = found.code
        assert (found.opened is None) == bool(code)
    assert code == row["code"]


def test_the_labels_are_those_that_the_generator_writes() -> None:
    assert LABELS.read_text() == format_labels(), "run python -m tests.vectors.generate"
    codes = {row["code"] for _, row in ROWS}
    assert codes >= {"", "label.signer", "label.event", "label.unjudged", "signature.false"}
