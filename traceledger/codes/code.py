"""An entry of the table of codes."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Code"]


class Code(NamedTuple):
    """The meaning of a code, and what the person who sees it should do.

    The findings of the account have both in Chinese too.
    """

    meaning: str
    hint: str
    meaning_zh: str = ""
    hint_zh: str = ""
