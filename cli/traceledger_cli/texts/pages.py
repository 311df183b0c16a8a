"""The places of the documentation's pages, which an installation includes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["locate_pages"]

_PAGE = re.compile(r"(?<![\w./-])docs/((?:guide|spec)/[a-z-]+\.md)")
_FOLDERS = (
    Path(__file__).parents[3] / "docs",  # in a checkout
    Path(sys.prefix, "share", "doc", "traceledger"),
)


def locate_pages(text: str) -> str:
    """Replaces the names of pages by their paths in this installation."""
    return _PAGE.sub(_locate, text)


def _locate(match: re.Match[str]) -> str:
    paths = (folder / match[1] for folder in _FOLDERS)
    return next((str(path) for path in paths if path.is_file()), match[0])
