"""`traceledger label`: draws the labels of items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import click

from traceledger.errors import MalformedError, StorageError, UsageError
from traceledger.labels.drawing import Format, Style, draw_labels
from traceledger.labels.layout import module_dots
from traceledger.labels.pdf import Paper
from traceledger.labels.symbol import Correction, make_symbol
from traceledger.planning.labels import find_label, state_label
from traceledger_cli.command import command
from traceledger_cli.options.file_options import output_option
from traceledger_cli.options.files import STANDARD, write_output
from traceledger_cli.options.session import Session, signing
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.words import render_marks

__all__ = ["label"]

_EXAMPLE = """\
traceledger label 01/09521234543213/21/7KQ2X4PM9ATRWC -o label.svg --ledger ledger
traceledger label 01/09521234543213/21/7KQ2X4PM9ATRWC -o - --format txt --ledger ledger
traceledger label 8004/9521234C000001 8004/9521234C000002 -o labels.pdf --ledger ledger
traceledger label 01/09521234543213/21/7KQ2X4PM9ATRWC -o label.zpl --dpi 203 \\
    --statement --key release --ledger ledger
"""
_KINDS: tuple[Format, ...] = get_args(Format)


@command("label", example=_EXAMPLE)
@click.argument("items", metavar="ITEM...", type=ITEM, nargs=-1, required=True)
@output_option("The file; for several items a folder, except for .pdf and .zpl.", required=True)
@click.option("--format", "kind", type=click.Choice(_KINDS), help="Default: by the file name.")
@click.option(
    "--error-correction",
    "correction",
    type=click.Choice(["Q", "H"]),
    default="Q",
    show_default=True,
    help="How much damage the symbol tolerates; H for greasy parts.",
)
@click.option("--dpi", type=int, default=300, show_default=True, help="The printer's resolution.")
@click.option(
    "--paper",
    type=click.Choice(["a4", "letter", "label"]),
    default="a4",
    show_default=True,
    help="For PDF: sheets with as many labels as fit, or one page for each label.",
)
@click.option(
    "--font",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A font file to prefer to the fonts that come with traceledger.",
)
@click.option(
    "--statement",
    is_flag=True,
    help="Include the approval in the symbol, signed with --key, for checks without a network.",
)
@signing
def label(
    *,
    items: tuple[str, ...],
    target: Path,
    kind: Format | None,
    correction: Correction,
    dpi: int,
    paper: Paper,
    font: Path | None,
    statement: bool,
    session: Session,
    out: Output,
) -> None:
    """Draw the labels of items.

    The symbol contains the item's address. Next to it are, from the item's events, the maker, batch
    and standards; the host; and the serial and the GS1 element string in clear.
    """
    chosen = kind or _format_of(target, several=len(items) > 1)
    signer = session.signer() if statement else None
    module_dots(dpi)  # refuses an unsuitable resolution before any label is drawn
    with session.reading() as ledger:
        contents = {}
        marked: dict[str, list[str]] = {}
        for item in items:
            statement_text = state_label(ledger, item, signer) if signer is not None else ""
            contents[item] = find_label(ledger, session.url, item, statement_text)
            if overlays := ledger.describe(item).overlays:
                marked[item] = overlays
    labels = {
        item: (content, make_symbol(content.link, correction)) for item, content in contents.items()
    }
    if font is not None and font.exists() and not font.is_file():
        raise MalformedError("file.kind", f"{font} is not a regular file")
    style = Style(dpi, paper, font)
    files = _plan(items, target, chosen)
    for path, members in files.items():
        write_output(path, draw_labels(chosen, [labels[item] for item in members], style))
    for item, overlays in marked.items():
        out.note(f"{item}: {render_marks(overlays)}")
    if target != STANDARD:
        written = {item: str(path) for path, members in files.items() for item in members}
        text = "\n".join(f"Wrote {path}" for path in files)
        out.result({"labels": written, "marked": marked}, text)


def _format_of(target: Path, *, several: bool) -> Format:
    """Returns the format that the output's name implies; SVG for a folder of labels."""
    named = target.suffix.removeprefix(".").lower()
    for kind in _KINDS:
        if kind == named:
            return kind
    if several or target.is_dir():
        return "svg"
    raise click.UsageError(f"Name the output .{', .'.join(_KINDS)}, or choose a --format.")


def _plan(items: Sequence[str], target: Path, kind: str) -> Mapping[Path, Sequence[str]]:
    """Returns the files to write, each with the items whose labels it contains."""
    is_named = bool(target.suffix) or target == STANDARD
    fits = len(items) == 1 or kind == "pdf" or (kind == "zpl" and is_named)
    if fits and not target.is_dir():
        return {target: items}
    if target == STANDARD:
        raise UsageError(
            "usage.option",
            f"several labels as {kind} are several files",
            hint="Name a folder, or choose the format pdf or zpl.",
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "store.write", f"{target} cannot be created: {error.strerror}"
        ) from error
    if kind == "pdf":
        return {target / "labels.pdf": items}
    return {target / f"{item.replace('/', '_')}.{kind}": [item] for item in items}
