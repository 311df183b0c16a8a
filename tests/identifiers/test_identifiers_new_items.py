from __future__ import annotations

import re
import secrets

import pytest

from traceledger.errors import MalformedError
from traceledger.identifiers import new_item


@pytest.mark.parametrize(
    ("beginning", "form", "length"),
    [("01/09521234543213", "unit", 14), ("x/unit", "unit", 20), ("book", "book", 20),
     ("decl", "declaration", 20)],
)  # fmt: skip
def test_new_ids_are_random_and_differ(beginning: str, form: str, length: int) -> None:
    """A serial that counts up would let a stranger open the page of every unit."""
    drawn = {new_item(beginning, secrets.token_bytes) for _ in range(100)}
    assert len(drawn) == 100
    assert {item.form for item in drawn} == {form}
    assert all(re.fullmatch(rf".*/[2-9A-HJ-NP-Z]{{{length}}}", item.text) for item in drawn)


@pytest.mark.parametrize(
    ("beginning", "code"),
    [("01/09521234543214", "item.check-digit"), ("01/0952123454321", "item.form"),
     ("8004", "item.form"), ("party", "item.form"), ("", "item.form")],
)  # fmt: skip
def test_other_beginnings_are_refused(beginning: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        new_item(beginning, secrets.token_bytes)
    assert caught.value.code == code
