"""What was planned for many items: the events to sign, and the items that need none."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.events.draft import Draft

__all__ = ["Plan"]


class Plan(NamedTuple):
    """Drafts to sign, and the skipped items, each with the reason."""

    drafts: tuple[Draft, ...]
    skipped: tuple[tuple[str, str], ...]
