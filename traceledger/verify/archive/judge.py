"""Events that the rules forbid: illegal, or beyond what this version can judge.

An event of an unknown kind changes no state that this version knows, so later events of its chain,
or of a chain that links to it, may wrongly appear forbidden. Such events are counted as unchecked.
After a switch to newer rules than this version's, this applies to all events.
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
    """Judges the events that a replay forbade; its fields are the state for resuming.

    `unchecked` counts events that this version cannot judge, `codes` are the reasons, `doubtful`
    contains the chains that they affect.
    """

    illegal: list[Illegal] = []
    unchecked: int = 0
    codes: set[str] = set()
    doubtful: set[str] = set()

    def watch(self, event: Event) -> None:
        """Inspects an event before it is replayed."""
        if code := newer_code(event):
            self.codes.add(code)
            self.doubtful.add(event.payload.sub)

    def judge(self, index: int, event: Event, error: NotAllowedError) -> str:
        """Judges an event that the replay forbade.

        Returns the code of the broken rule, or `event.kind` if this version cannot judge the event.
        """
        claims = event.payload
        own = (claims.sub, claims.iss, item_of_key(event.kid), _ALL)
        if event.kind is not None and self.doubtful.isdisjoint(
            (*own, *(ref.item for ref in event.refs))
        ):
            self.illegal.append(Illegal(index, event.id, error.code, error.message))
            return error.code
        self.unchecked += 1
        self.doubtful.add(claims.sub)
        return "event.kind"

    def judge_joins(self, index: int, parts: Iterable[str], error: NotAllowedError) -> str:
        """Judges incomplete joins of these parts at a seal; returns the code if illegal."""
        if _ALL in self.doubtful or self.doubtful.issuperset(parts):
            return ""
        self.illegal.append(Illegal(index, "", error.code, error.message))
        return error.code
