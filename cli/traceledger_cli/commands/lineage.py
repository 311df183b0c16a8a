"""`traceledger lineage`: shows the items that an item came from and went into."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from traceledger.views.lineage import MAX_NODES, read_lineage
from traceledger_cli.command import command
from traceledger_cli.options.files import write_output
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.lineage import draw_svg, draw_tree

__all__ = ["lineage"]

_EXAMPLE = """\
traceledger lineage 8004/9521234C000001 --ledger ledger
traceledger lineage 8004/9521234C000001 --svg lineage.svg --ledger ledger
"""


@command("lineage", example=_EXAMPLE)
@click.argument("item", type=ITEM)
@click.option(
    "--svg",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Draw it as SVG to this file; `-` is stdout.",
)
@reading
def lineage(*, item: str, svg: Path | None, session: Session, out: Output) -> None:
    """Show the items that an item came from and went into.

    --ledger can also be an archive, as a directory or a zip. A server shows what the caller may
    read.
    """
    if session.server:
        found = session.server.lineage(item)
    else:
        with session.viewing(out) as ledger:
            found = read_lineage(ledger, item)
    if found.rest:
        out.note(
            f"There are more than {MAX_NODES:,} items. The links of {len(found.rest):,} were not"
            f" followed; continue with `traceledger lineage {found.rest[0]}`."
        )
    if svg is not None:
        write_output(svg, draw_svg(found).encode())
        out.note(f"Drew {len(found.nodes):,} items.")
        return
    out.result(msgspec.to_builtins(found), draw_tree(found))
