"""The command that computes the account of a report again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from traceledger.audit.scope import Scope

__all__ = ["beside_options", "format_command", "list_options"]


def format_command(
    source: str, scope: Scope, as_of: str | None = None, lists: Sequence[str] = ()
) -> str:
    """Formats the command that computes the account of a scope from a copy of the log.

    `as_of` is the time of ages as it was given, `lists` are the options of customs' own lists.
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
    return shlex.join([*words, *lists])


def list_options(
    lists: Iterable[str], *, head: str = "", codes: str = "", encoding: str = "", zone: str = ""
) -> list[str]:
    """Returns the options that read customs' own lists again; empty ones are omitted."""
    words = [word for name in lists for word in ("--customs-list", name)]
    options = {"--head": head, "--codes": codes, "--encoding": encoding, "--zone": zone}
    return words + [word for pair in options.items() if pair[1] for word in pair]


def beside_options(samples: Iterable[str], documents: Path | None) -> list[str]:
    """Returns the options that read signed samples and a folder of documents again."""
    words = [word for name in samples for word in ("--sample", name)]
    return words if documents is None else [*words, "--documents", documents.name]
