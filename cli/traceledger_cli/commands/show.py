"""`traceledger show`: shows an item's current status, or searches for items."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from traceledger.identifiers import read_part
from traceledger.identifiers.items import CHAIN_FORMS
from traceledger.rules.state import Goods, State
from traceledger.views.answers import Item, ItemRow
from traceledger.views.documents import find_by_number
from traceledger.views.history import EVERYTHING
from traceledger.views.items import describe_rows
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger_cli.command import command
from traceledger_cli.options.recipients import render_value
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns, pairs
from traceledger_cli.texts.terminal import style
from traceledger_cli.texts.words import ACTIONS, LIVES, life, render_marks

__all__ = ["show"]

# Members of a state that are shown elsewhere, or have no meaning for people.
_HIDDEN = frozenset({"type", "first", "seq", "head", "granted", "root", "admin", "jwk"})

_EXAMPLE = """\
traceledger show 8004/9521234C000001 --ledger ledger
traceledger show --search C0000 --life ACCEPTED --ledger ledger
traceledger show --number 801220251000012345 --ledger audit.zip
"""


@command("show", example=_EXAMPLE)
@click.argument("item", type=ITEM, required=False)
@click.option("--search", "id_part", metavar="PART", default="", help="Part of an id.")
@click.option(
    "--chain",
    type=click.Choice(list(CHAIN_FORMS)),
    metavar="CHAIN",
    default=None,
    help="Its type: core, unit, declaration, ...",
)
@click.option(
    "--life",
    "state",
    type=click.Choice(list(LIVES)),
    metavar="STATE",
    default=None,
    help="Its state: ACCEPTED, EXPORTED, ...",
)
@click.option("--part-no", default="", help="Its part number.")
@click.option(
    "--number",
    default="",
    help="The number of a customs document: account book, declaration, verification list, ...",
)
@click.option("--declaration", default="", help="The declaration line that it is linked to.")
@click.option("--after", default="", metavar="ITEM", help="Continue after this item.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@reading
def show(
    *,
    item: str | None,
    id_part: str,
    chain: str | None,
    state: str | None,
    part_no: str,
    number: str,
    declaration: str,
    after: str,
    limit: int,
    session: Session,
    out: Output,
) -> None:
    """Show an item's current status, or search for items.

    --ledger can also be an archive, as a directory or a zip. --number finds books and declaration
    lines with that number, and the items on these lines.
    """
    wanted = Search(
        read_part(id_part), chain or "", state or "", part_no, declaration, after, limit
    )
    if item is None and not any((id_part, chain, state, part_no, number, declaration)):
        raise click.UsageError("Name an item, or give a search option.")
    if item is None and number and session.server:
        _show_matches(session.server.find_by_number(number, wanted), limit, out)
        return
    with session.viewing(out) as ledger:
        if item is not None:
            _show_item(ledger, item, out)
        elif number:
            rows = find_by_number(ledger, number, EVERYTHING, wanted)
            _show_matches(describe_rows(ledger, rows), limit, out)
        else:
            _show_matches(ledger.find_items(wanted), limit, out)


def _show_matches(rows: list[ItemRow], limit: int, out: Output) -> None:
    found = [
        {
            "item": row.item,
            "chain": row.chain,
            "state": row.state,
            "part_no": row.part_no,
            "overlays": row.overlays,
        }
        for row in rows
    ]
    table = columns(
        (row.item, row.part_no, life(row.state, row.chain) or row.chain, render_marks(row.overlays))
        for row in rows
    )
    out.result({"items": found, "more": len(rows) == limit}, table or "No item matches.")
    if len(rows) == limit:
        out.note(f"There may be more: continue with --after {rows[-1].item}")


def _show_item(ledger: LedgerView, item: str, out: Output) -> None:
    found = ledger.describe(item)
    described = msgspec.to_builtins(found)
    data = {name: described[name] for name in described if name not in {"first", "rules"}}
    data |= _details(msgspec.convert(found.rules, State))
    title = f"{style(item, bold=True)}  {found.chain}"
    out.result(data, "\n".join((title, *_warnings(data), pairs(_lines(found, data), indent="  "))))


def _details(state: State) -> dict[str, Any]:
    if not isinstance(state, Goods):
        known = msgspec.to_builtins(state)
        return {"details": {name: known[name] for name in known if name not in _HIDDEN}}
    return {
        "party": state.party,
        "parts": list(state.parts),
        "unit": state.unit,
        "successor": state.successor,
        "pending": state.pending.kind if state.pending else "",
    }


def _warnings(data: dict[str, Any]) -> list[str]:
    found = []
    for recall in data.get("recalls", ()):
        action = ACTIONS.get(recall["action"], recall["action"])
        found.append(
            f"RECALLED, {action}: campaign {recall['campaign']}, severity {recall['severity']},"
            f" {recall['criteria']}. Contact: {recall['contact']}."
        )
    found += [
        f"ON HOLD by {hold['authority']}, event {hold['event']}." for hold in data.get("holds", ())
    ]
    found += [
        f"{render_marks(part['overlays'])}: the part {part['item']}."
        for part in data.get("marked_parts", ())
    ]
    return [style(f"  {line}", fg="red", bold=True) for line in found]


def _lines(row: Item, data: dict[str, Any]) -> list[tuple[str, str]]:
    details = data.get("details", {})
    return [
        ("state", life(row.state, row.chain)),
        ("part no", row.part_no),
        ("declaration", row.declaration),
        ("opened by", data.get("party", "")),
        ("parts", ", ".join(data.get("parts", ()))),
        ("went into", data.get("unit", "")),
        ("reimported as", data.get("successor", "")),
        ("awaits confirmation", data.get("pending", "")),
        *((name.replace("_", " "), render_value(value)) for name, value in details.items()),
        ("events", f"{row.seq + 1:,}, latest {data['event']} at entry {row.index:,}"),
        ("next steps", ", ".join(data.get("next", ()))),
    ]
