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

FILE = json.loads(LABELS.read_text())


@pytest.mark.parametrize("row", FILE["labels"], ids=[row["desc"] for row in FILE["labels"]])
def test_the_library_judges_the_label_as_the_vector_states(row: dict[str, Any]) -> None:
    trust = parse_trust(FILE["trust"].encode())
    link = parse_link(f"https://id.example/{FILE['item']}#{row['fragment']}")
    code = ""
    try:
        label = check_label(link, trust)
        confirm_label(label, FILE["passport"].encode(), trust, now=FILE["now"])
    except TraceledgerError as error:
        code = error.code
    assert code == row["code"]


def test_the_labels_are_those_that_the_generator_writes() -> None:
    assert LABELS.read_text() == format_labels(), "run python -m tests.vectors.generate"
    codes = {row["code"] for row in FILE["labels"]}
    assert codes >= {"", "label.signer", "label.event", "signature.false"}
