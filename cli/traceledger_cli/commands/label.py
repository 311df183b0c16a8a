"""`traceledger label`: labels of items, for printers."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import StorageError
from traceledger.events.token import parse_token
from traceledger.labels.label import Label, read_label
from traceledger.labels.png import draw_png
from traceledger.labels.svg import draw_svg
from traceledger.labels.symbol import Correction, make_symbol
from traceledger_cli.access import Access, reading
from traceledger_cli.command import command
from traceledger_cli.files import STANDARD, write_output
from traceledger_cli.output import Output
from traceledger_cli.values import ITEM

__all__ = ["label"]

_EXAMPLE = """\
traceledger label 01/09521234543213/21/7KQ2X4PM9ATRWC -o label.svg --ledger ledger
traceledger label 8004/9521234C000001 8004/9521234C000002 -o labels/ --format png \\
    --dpi 203 --ledger ledger
"""


@command("label", example=_EXAMPLE)
@click.argument("items", metavar="ITEM...", type=ITEM, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="The file, for several items the folder.",
)
@click.option(
    "--format", "kind", type=click.Choice(["svg", "png"]), help="Else by the name of the file."
)
@click.option(
    "--error-correction",
    "correction",
    type=click.Choice(["Q", "H"]),
    default="Q",
    show_default=True,
    help="How much of the symbol may be destroyed; H for greasy parts.",
)
@click.option("--dpi", type=int, default=300, show_default=True, help="The printer's resolution.")
@click.option(
    "--font",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A font with Chinese characters, for PNG.",
)
@reading
def label(
    *,
    items: tuple[str, ...],
    target: Path,
    kind: str | None,
    correction: Correction,
    dpi: int,
    font: Path | None,
    access: Access,
    out: Output,
) -> None:
    """Draw the labels of items.

    The symbol is the item's address; beside it stand the host, the serial in clear, and what the
    item's events say: maker, batch, standards.
    """
    with access.reading() as ledger:
        labels = {
            item: read_label(
                access.home.url, item, [parse_token(entry.body) for entry in ledger.chain(item)]
            )
            for item in items
        }
    single = len(items) == 1 and not target.is_dir()
    chosen = kind or (target.suffix.removeprefix(".").lower() if single else "svg")
    if chosen not in {"svg", "png"}:
        raise click.UsageError("Name the output .svg or .png, or choose a --format.")
    files = {item: target if single else target / _name(item, chosen) for item in items}
    if not single:
        _make_folder(target)
    left_out: list[str] = []
    for item, path in files.items():
        data, missing = _draw(labels[item], chosen, correction, dpi, font)
        left_out += missing
        write_output(path, data)
    if left_out:
        out.note(
            f"No font has these characters, so they are left out: {', '.join(left_out)}."
            " Name one with --font, or draw SVG."
        )
    written = {item: str(path) for item, path in files.items()}
    if target != STANDARD:
        said = "\n".join(f"Wrote {path}" for path in written.values())
        out.result({"labels": written, "left_out": left_out}, said)


def _draw(
    wanted: Label, kind: str, correction: Correction, dpi: int, font: Path | None
) -> tuple[bytes, tuple[str, ...]]:
    symbol = make_symbol(wanted.link, correction)
    if kind == "svg":
        return draw_svg(wanted, symbol, dpi), ()
    return draw_png(wanted, symbol, dpi, font)


def _name(item: str, kind: str) -> str:
    return f"{item.replace('/', '_')}.{kind}"


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be made: {error.strerror}") from error
