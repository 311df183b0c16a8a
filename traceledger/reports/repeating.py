"""The command that computes the account of a report again."""

from __future__ import annotations

import shlex

from traceledger.audit.scope import Scope

__all__ = ["format_command"]


def format_command(source: str, scope: Scope, as_of: str | None = None) -> str:
    """Formats the command that computes the account of a scope from a copy of the log.

    `as_of` is the time of ages as it was given.
    """
    words = ["traceledger", "audit", source]
    if scope.book:
        words += ["--book", scope.book]
    if scope.start != 1:
        words += ["--from", str(scope.start)]
    if scope.end is not None:
        words += ["--to", str(scope.end)]
    if as_of is not None:
        words += ["--as-of", as_of]
    return shlex.join(words)
