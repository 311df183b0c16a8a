from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.describe import describe_catalogue

PAGE = Path(__file__).parents[2] / "docs/spec/catalogue.md"


def test_page_matches_the_catalogue() -> None:
    """If this fails: python -m traceledger.rules.describe > docs/spec/catalogue.md."""
    assert PAGE.read_text() == describe_catalogue()


def test_module_prints_the_page() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "traceledger.rules.describe"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
    )
    assert run.stdout == describe_catalogue()


def test_page_names_every_field() -> None:
    page = describe_catalogue()
    for kind in CATALOGUE.values():
        chapter = page.split(f"### {kind.name}\n")[1].split("\n### ")[0]
        for name in kind.fields:
            assert f"| `{name}`" in chapter
