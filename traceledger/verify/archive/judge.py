"""What the rules forbid in a log: illegal, or not to be judged by this version.

An event of a kind that is unknown here changes no state that is known here, so what follows it in
its chain, or in one that links to it, may look forbidden without being so. Such events are counted
as unchecked. After rules newer than this version's that goes for all events.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.identifiers.items import item_of_key
from traceledger.verify.archive.verdict import Illegal
from traceledger.verify.unjudged import newer_code

__all__ = ["Judge"]

_ALL = "ledger"


class Judge(msgspec.Struct):
    """Judges what the replay of a log forbade; its fields are what a stopped run resumes from.

    `unchecked` counts events that this version cannot judge, `codes` say why, `doubtful` are the
    chains that they touch.
    """

    illegal: list[Illegal] = []
    unchecked: int = 0
    codes: set[str] = set()
    doubtful: set[str] = set()

    def watch(self, event: Event) -> None:
        """Looks at an event before it is replayed."""
        if code := newer_code(event):
            self.codes.add(code)
            self.doubtful.add(event.payload.sub)

    def judge(self, index: int, event: Event, error: NotAllowedError) -> None:
        """Judges an event that the replay forbade."""
        claims = event.payload
        own = (claims.sub, claims.iss, item_of_key(event.kid), _ALL)
        if event.kind is not None and self.doubtful.isdisjoint(
            (*own, *(ref.item for ref in event.refs))
        ):
            self.illegal.append(Illegal(index, event.id, error.code, error.message))
        else:
            self.unchecked += 1
            self.doubtful.add(claims.sub)

    def judge_joins(self, index: int, parts: Iterable[str], error: NotAllowedError) -> None:
        """Judges joins of these parts that a seal cut."""
        if _ALL not in self.doubtful and not self.doubtful.issuperset(parts):
            self.illegal.append(Illegal(index, "", error.code, error.message))
