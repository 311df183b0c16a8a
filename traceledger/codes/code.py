"""What an entry of the table of codes holds."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Code"]


class Code(NamedTuple):
    """What a code means, and what the person who sees it should do."""

    meaning: str
    hint: str
