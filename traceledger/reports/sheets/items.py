"""Sheets H, I, M and O: open cores, stocktakes, lineage and samples."""

from __future__ import annotations

from traceledger.audit.figures import show
from traceledger.reports.model import Sheet
from traceledger.reports.sheets.maker import SheetMaker
from traceledger.reports.sheets.source import name_of

__all__ = ["make_lineage", "make_open_cores", "make_samples", "make_stocktakes"]


def make_open_cores(maker: SheetMaker) -> Sheet:
    """Lists each core that is still in the account, the oldest first."""
    columns = maker.columns(
        ("item", "code"),
        ("declaration", "code"),
        ("book_line", "code"),
        ("part_no", "code"),
        ("imported_at", "text"),
        ("days", "count"),
        ("limit", "count"),
        ("overdue", "text"),
        ("fate", "text"),
        ("kg", "kg"),
    )
    rows = (
        {
            **core._asdict(),
            "declaration": core.line,
            "imported_at": maker.show_time(core.at),
            "days": str(core.days),
            "limit": str(core.limit),
            "overdue": core.days > core.limit,
            "fate": maker.words(f"c.{core.fate}"),
            "kg": show(core.kg),
        }
        for core in sorted(maker.details.open, key=lambda core: core.at)
    )
    return maker.sheet("H", columns, rows)


def make_stocktakes(maker: SheetMaker) -> Sheet:
    """Lists what was counted, and what the ledger had at that moment."""
    columns = maker.columns(
        ("book", "code"),
        ("scope", "text"),
        ("occurred", "text"),
        ("class", "text"),
        ("part_no", "code"),
        ("counted", "pieces"),
        ("here", "pieces"),
    )
    rows = (
        {
            **count,
            **(row or {"class": "", "counted": None}),
            "book": name_of(book),
            **({"class": maker.label("chains", row["class"])} if row else {}),
        }
        for book in maker.account["books"]
        for count in book["stocktakes"]
        for row in (count["rows"] if count["rows"] is not None else [None])
    )
    return maker.sheet("I", columns, rows)


def make_lineage(maker: SheetMaker) -> Sheet:
    """Lists what went into each unit, and from which core it came."""
    columns = maker.columns(
        ("unit", "code"),
        ("unit_kg", "kg"),
        ("left", "text"),
        ("input", "code"),
        ("chain", "text"),
        ("part_no", "code"),
        ("kg", "kg"),
        ("root", "code"),
        ("declaration", "code"),
    )
    rows = (
        {
            "unit": found.unit,
            "unit_kg": show(found.unit_kg),
            "left": maker.words(f"c.{found.left}") if found.left else "",
            "input": found.part,
            "chain": maker.label("chains", found.chain),
            "part_no": found.part_no,
            "kg": show(found.kg),
            "root": found.root,
            "declaration": found.line,
        }
        for found in maker.details.inputs
    )
    return maker.sheet("M", columns, rows)


def make_samples(maker: SheetMaker) -> Sheet:
    """Lists each core of the samples, with what the officer stated about it."""
    columns = maker.columns(
        ("sample", "count"),
        ("place", "count"),
        ("item", "code"),
        ("result", "text"),
        ("remark", "text"),
        ("party", "code"),
        ("signed_at", "text"),
        ("kid", "code"),
        ("revoked", "count"),
        ("seed", "code"),
    )
    rows = (
        {
            "sample": str(sample.number),
            "place": str(place),
            "item": row.item,
            "result": maker.words(f"v.{row.result or 'not_examined'}"),
            "remark": row.remark,
            "party": sample.party,
            "signed_at": maker.show_time(sample.signed_at),
            "kid": kid,
            "revoked": "" if revoked is None else str(revoked.entry),
            "seed": sample.seed,
        }
        for sample, kid, revoked in maker.samples
        for place, row in enumerate(sample.results, 1)
    )
    return maker.sheet("O", columns, rows)
