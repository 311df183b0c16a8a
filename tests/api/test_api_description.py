"""The OpenAPI description: the file in docs/ equals the one that the server returns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.site import Site
from traceledger_api.app import describe

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


def format_description() -> str:
    return json.dumps(describe(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in describe()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_file_in_docs_equals_the_served_description(busy_site: Site) -> None:
    assert FILE.read_text() == format_description(), "run `make generate`"
    assert busy_site.json("openapi.json") == json.loads(FILE.read_text())


def test_operations_have_stable_names_summaries_and_problems() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for path, _, operation in operations():
        assert operation["operationId"].isalpha(), path
        assert operation["summary"], path
        assert operation["description"], path
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.parametrize("needle", ["cdn", "unpkg", "jsdelivr", "googleapis", "http://"])
def test_documentation_loads_nothing_remote(busy_site: Site, needle: str) -> None:
    assert needle not in busy_site.get("docs").text


if __name__ == "__main__":
    FILE.write_text(format_description())
