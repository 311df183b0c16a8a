"""`traceledger history`: all events of an item, as one reader sees them."""

from __future__ import annotations

from typing import Any

import click

from traceledger.views.history import Record, read_record
from traceledger_cli.command import command
from traceledger_cli.options.recipients import READERS, reader_option, say_value
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import pairs

__all__ = ["history"]


@command("history", example="traceledger history 8004/9521234C000001 --as public --ledger ledger")
@click.argument("item", type=ITEM)
@reader_option("all")
@reading
def history(*, item: str, reader: str, access: Session, out: Output) -> None:
    """Show all events of an item.

    Whoever has the ledger's folder sees every field; --as shows what others see.
    """
    with access.reading() as ledger:
        records = [read_record(entry, READERS[reader]) for entry in ledger.chain(item)]
    data = {"item": item, "events": [_describe(record) for record in records]}
    out.result(data, "\n\n".join(map(_say, records)))


def _describe(record: Record) -> dict[str, Any]:
    claims = record.event.payload
    return {
        "index": record.leaf_index,
        "event": record.event.id,
        "seq": claims.seq,
        "kind": record.event.kind_name,
        "occurred": claims.occurred,
        "site": claims.site or "",
        "party": claims.iss,
        "kid": record.event.kid,
        "signed": claims.iat,
        "refs": [
            {"as": ref.as_, "item": ref.item, "event": ref.event or ""} for ref in record.event.refs
        ],
        "data": record.values,
        "withheld": record.withheld,
    }


def _say(record: Record) -> str:
    claims = record.event.payload
    kind = click.style(record.event.kind_name, bold=True)
    place = f" at {claims.site}" if claims.site else ""
    title = f"{claims.seq}  {kind}  {claims.occurred}{place}, signed by {claims.iss}"
    lines = [
        *((ref.as_, ref.item) for ref in record.event.refs),
        *((name.replace("_", " "), say_value(value)) for name, value in record.values.items()),
        ("withheld", ", ".join(record.withheld)),
        ("event", f"{record.event.id} at entry {record.leaf_index:,}"),
    ]
    return f"{title}\n{pairs(lines, indent='   ')}"
