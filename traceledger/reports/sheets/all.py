"""All sheets of a report in their order."""

from __future__ import annotations

from traceledger.reports.extent import EXTENTS
from traceledger.reports.model import Sheet
from traceledger.reports.sheets.balances import (
    make_components,
    make_consumption,
    make_cores,
    make_losses,
    make_mass,
    make_new_parts,
    make_units,
    make_waste,
    make_yield,
)
from traceledger.reports.sheets.findings import (
    make_comparison,
    make_evidence,
    make_findings,
    make_not_evaluated,
)
from traceledger.reports.sheets.items import (
    make_lineage,
    make_open_cores,
    make_samples,
    make_stocktakes,
)
from traceledger.reports.sheets.lines import make_fates, make_lines_in, make_lines_out
from traceledger.reports.sheets.log import make_changes, make_keys
from traceledger.reports.sheets.maker import SheetMaker
from traceledger.reports.sheets.source import Source
from traceledger.reports.words import Words

__all__ = ["make_sheets"]

_MAKERS = (
    *(make_lines_in, make_fates, make_lines_out),
    *(make_cores, make_units, make_components),
    *(make_new_parts, make_yield, make_consumption, make_losses, make_waste, make_mass),
    *(make_open_cores, make_stocktakes),
    *(make_changes, make_keys),
    *(make_findings, make_evidence, make_comparison),
    *(make_lineage, make_not_evaluated, make_samples),
)


def make_sheets(source: Source, words: Words) -> tuple[Sheet, ...]:
    """Makes all sheets but the summary, in the order of their ids; those of a part together."""
    maker = SheetMaker(source, words)
    sheets = (make(maker) for make in _MAKERS)
    return tuple(sorted(sheets, key=lambda one: EXTENTS.index(one.part.extent) if one.part else 0))
