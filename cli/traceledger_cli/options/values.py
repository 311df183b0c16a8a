"""Types of values on the command line: items, links to other items, conditions."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from traceledger.errors import UsageError
from traceledger.events.draft import DraftRef
from traceledger.identifiers import read_scanned
from traceledger_cli.options.completion import complete_item

__all__ = [
    "ITEM",
    "REF",
    "WHERE",
    "WORDS",
    "ItemType",
    "RefType",
    "WhereType",
    "WordsType",
    "item_of_party",
]


class ItemType(click.ParamType[str]):
    """An item id, typed or scanned from a label."""

    name = "item"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the id; raises MalformedError `item.*` or `link.form`."""
        del param, ctx
        return read_scanned(value).text

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Completes an id of the ledger."""
        return complete_item(ctx, param, incomplete)


class RefType(click.ParamType[DraftRef]):
    """A link to another item: `as=item` or `as=item@event`."""

    name = "as=item[@event]"

    def convert(
        self, value: str | DraftRef, param: click.Parameter | None, ctx: click.Context | None
    ) -> DraftRef:
        """Returns the link; raises UsageError `usage.option` or MalformedError `item.*`."""
        del param, ctx
        if isinstance(value, DraftRef):
            return value
        name, equals, rest = value.partition("=")
        item, at, event = rest.partition("@")
        if not name or not equals or (at and not event):
            raise UsageError(
                "usage.option", f"{value!r} is not a link; allowed: as=item or as=item@event"
            )
        linked = read_scanned(item).text
        return DraftRef(name, linked, event) if event else DraftRef(name, linked)


class WordsType(click.ParamType[list[str]]):
    """Words separated by commas."""

    name = "a,b"

    def convert(
        self, value: str | list[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Returns the words."""
        del param, ctx
        if isinstance(value, list):
            return value
        return [word for part in value.split(",") if (word := part.strip())]


class WhereType(click.ParamType[tuple[str, str]]):
    """A condition: name=value."""

    name = "name=value"

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns name and value."""
        if isinstance(value, tuple):
            return value
        name, equals, wanted = value.partition("=")
        if not equals or not wanted:
            self.fail(f"{value!r} is not a condition; allowed: name=value", param, ctx)
        return name.strip(), wanted


ITEM = ItemType()
REF = RefType()
WHERE = WhereType()
WORDS = WordsType()


def item_of_party(name: str) -> str:
    """Returns the item id of a party, given by its name or that id."""
    return f"party/{name.removeprefix('party/')}"
