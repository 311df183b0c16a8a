"""A visit: the account that a page shows, its scope, and the addresses of other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from traceledger.audit.account import Account
from traceledger.audit.scope import Scope
from traceledger.audit.values import read
from traceledger.identifiers.values import format_time
from traceledger.ledger.reading.accounts import Wanted
from traceledger.ledger.reading.live_account import Computed
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.rights import Rights
from traceledger.reports.repeating import format_command
from traceledger.rules.state import PartyState
from traceledger.views.history import Reader
from traceledger_api.pages.customs.figures import Cell, Clock
from traceledger_api.pages.customs.words import ConsoleWords

__all__ = ["Addresses", "Visit"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the console, all for one scope and language.

    `root` is the path of the ledger's own address, `wanted` None before a scope is chosen.
    """

    root: str
    language: str
    wanted: Wanted | None = None

    def __call__(self, path: str, **query: object) -> str:
        """Returns the address of a page; query members that are empty are omitted."""
        scope: dict[str, object] = {}
        if self.wanted is not None:
            scope = {"to": self.wanted.end, "book": self.wanted.book}
            scope["from"] = self.wanted.start if self.wanted.start > 1 else ""
            scope["as_of"] = self.as_of or ""
        pairs = {**scope, "lang": self.language, **query}
        text = urlencode({name: value for name, value in pairs.items() if value not in {"", None}})
        return f"{self.root}/customs{quote(path, safe='/')}{'?' + text if text else ''}"

    @property
    def as_of(self) -> str | None:
        """The time of ages that was asked for, as text."""
        if self.wanted is None or self.wanted.as_of is None:
            return None
        return format_time(self.wanted.as_of)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is drawn from; `path` and `query` are those of the page itself."""

    ledger: LedgerReader
    words: ConsoleWords
    rights: Rights
    reader: Reader
    wanted: Wanted
    computed: Computed
    at: Addresses
    now: int
    path: str
    query: Mapping[str, str]

    @property
    def account(self) -> Account:
        """The account."""
        return self.computed.account

    @property
    def described(self) -> dict[str, Any]:
        """Its JSON."""
        return self.computed.described

    @property
    def clock(self) -> Clock:
        """Times in the office's zone."""
        return Clock(self.account.picture.policy.zone_country)

    @property
    def digest(self) -> str:
        """The hash of the account."""
        return self.computed.digest

    @property
    def command(self) -> str:
        """The command that computes the account from a mirror."""
        return self.command_with(())

    def command_with(self, lists: Sequence[str]) -> str:
        """Returns that command with the options of customs' own list."""
        wanted = self.wanted
        scope = Scope(wanted.start, wanted.end, wanted.book, wanted.as_of)
        return format_command("mirror", scope, self.at.as_of, lists)

    def number(self, name: str, default: int = 0) -> int:
        """Returns a whole number of the query."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else default

    def figure(
        self, text: str | None, path: str, places: int = 0, *, differs: bool = False
    ) -> Cell:
        """Returns a figure of the account with the address of what it sums."""
        return Cell(text, self.at("/figure" + path), places, differs)

    def item(self, item: str) -> str:
        """Returns the address of an item."""
        if item.startswith("decl/"):
            return self.at(self.line_path(item))
        return self.at(f"/item/{item}")

    def has(self, item: str) -> bool:
        """Reports whether the account has an item, which then has a page."""
        return item in self.account.picture.things

    def event(self, index: int) -> str:
        """Returns the address of an entry."""
        return self.at(f"/event/{index}")

    def line_path(self, item: str) -> str:
        """Returns the path of a declaration line: its list and number, otherwise its id."""
        list_no, list_line = self.line_numbers(item)
        if list_no and list_line and "/" not in list_no and list_no != "decl":
            return f"/line/{list_no}/{list_line}"
        return f"/line/{item}"

    def line_name(self, item: str) -> str:
        """Returns the name of a declaration line on documents, otherwise its id."""
        list_no, list_line = self.line_numbers(item)
        return f"{list_no} / {list_line}" if list_no and list_line else item

    def line_numbers(self, item: str) -> tuple[str, str]:
        """Returns the list and number of a line, otherwise those of its declaration."""
        line = self.account.picture.lines.get(item)
        if line is None:
            return "", ""
        for names in (("list_no", "list_line"), ("entry_no", "entry_line")):
            values = [read(line, line.opened, name) for name in names]
            if all(isinstance(value, (str, int)) for value in values):
                return str(values[0]), str(values[1])
        return "", ""

    def short(self, item: str) -> str:
        """Returns an item's own number, or the name of a declaration line."""
        kind, _, rest = item.partition("/")
        if kind == "decl":
            return self.line_name(item)
        return rest.rpartition("/")[2] if kind in {"01", "8004", "x", "lot"} else item

    def party(self, item: str) -> str:
        """Returns the name of a party."""
        return party_name(self.ledger, item)


def party_name(ledger: LedgerReader, item: str) -> str:
    """Returns the present name of a party, otherwise its id."""
    state = ledger.state(item)
    return state.name if isinstance(state, PartyState) and state.name else item
