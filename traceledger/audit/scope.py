"""What an account covers: a book or all, and a period of log sizes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """A period [start, end) of log sizes; `end` None is the whole log, `book` empty all books.

    `as_of` is the time in seconds since 1970 that ages are computed at; None is the latest time in
    the log up to `end`. `documents` are the SHA-256, in hex, of the documents at hand; with None,
    none are required.
    """

    start: int = 1
    end: int | None = None
    book: str = ""
    as_of: int | None = None
    documents: frozenset[str] | None = None
