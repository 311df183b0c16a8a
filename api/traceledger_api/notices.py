"""Notices on pages for people: what an error means to somebody who typed or scanned a number.

A mistake in a number is a mistake, never evidence of fraud. A notice depends on the request and the
error alone: it lists no other part of the ledger.
"""

from __future__ import annotations

from typing import Literal, NamedTuple
from urllib.parse import unquote

from starlette.requests import Request

from traceledger.errors import TraceledgerError
from traceledger.formats.problem import status_of
from traceledger.identifiers.element_string import format_element_string
from traceledger.identifiers.items import parse_item
from traceledger.identifiers.typed import Typed, read_typed

__all__ = ["Kind", "Notice", "make_notice", "note_typed"]

Kind = Literal[
    "check-digit",
    "incomplete",
    "form",
    "unknown",
    "used",
    "private",
    "address",
    "request",
    "many",
    "busy",
    "fault",
]

_STATUSES: dict[int, Kind] = {
    401: "private",
    403: "private",
    404: "address",
    405: "address",
    408: "busy",
    410: "address",
    429: "many",
    503: "busy",
}
_NUMBERS = ("/01/", "/8004/", "/x/")
_FORMS = frozenset({"link.syntax", "link.form", "item.form"})


class Notice(NamedTuple):
    """The kind of a notice, with the status of the page, and what was typed if it was a number.

    `fit` is the id of an item that would be valid in place of what was typed, or "".
    """

    kind: Kind
    status: int
    typed: Typed = Typed("")
    fit: str = ""

    @property
    def fit_as_printed(self) -> str:
        """Formats `fit` as a label prints it."""
        return format_element_string(parse_item(self.fit)) or self.fit


def note_typed(typed: Typed) -> Notice:
    """Returns the notice about a text that names no item, or one that the ledger does not have."""
    if typed.mistake and typed.mistake != "empty":
        return Notice(typed.mistake, 400, typed, typed.fit)
    return Notice("unknown", 404, typed)


def make_notice(request: Request, error: TraceledgerError, place: str) -> Notice:
    """Returns the notice about an error; `place` is the path of the ledger's own address."""
    status = status_of(error)
    path = unquote(request.scope["path"]).removeprefix(place)
    if not path.startswith(_NUMBERS):
        default: Kind = "fault" if status >= 500 else "request"
        return Notice(_STATUSES.get(status, default), status)
    typed = read_typed(path.removeprefix("/"))
    fit = typed.fit or (typed.item if typed.item != path.removeprefix("/") else "")
    if error.code == "item.check-digit":
        return Notice("check-digit", status, typed, fit)
    if error.code in _FORMS:
        mistaken: Kind = "incomplete" if typed.mistake == "incomplete" else "form"
        return Notice(mistaken, status, typed, fit)
    if error.code == "item.unknown":
        return Notice("unknown", status, typed, fit)
    if status in {401, 403}:
        return Notice("used", status, typed)
    return Notice(_STATUSES.get(status, "fault" if status >= 500 else "request"), status)
