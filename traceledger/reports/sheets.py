"""The sheets A to O of a report, from the account's JSON and what is listed beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from traceledger.audit.details import Details
from traceledger.audit.fates import FATES
from traceledger.audit.figures import show
from traceledger.audit.lots import FLOWS
from traceledger.audit.registry import RegistryState
from traceledger.codes import CODES
from traceledger.events.captions import Section, find_label
from traceledger.formats.sample import SignedSample
from traceledger.reports.model import Cell, Column, Kind, Sheet
from traceledger.reports.sides import show_measure, show_side
from traceledger.reports.words import Words

__all__ = ["Json", "Source", "make_sheets", "name_of", "show_time"]

Json = dict[str, Any]

_LINE: tuple[tuple[str, Kind], ...] = (
    ("declaration", "code"),
    ("book_line", "code"),
    *((name, "code") for name in ("entry_no", "entry_line", "list_no", "list_line")),
    *((name, "code") for name in ("mode", "hs10")),
)
_VALUES: tuple[tuple[str, Kind], ...] = (
    ("declared_kg", "kg"),
    ("kg", "kg"),
    ("declared_value", "amount"),
    ("currency", "code"),
)
_CORES = (
    *("opening", "imported", "consumed", "disassembled", "returned", "scrapped", "diverted"),
    *("short_settled", "close", "in_transit", "missing", "here", "residual"),
)
_UNITS = (
    *("opening", "assembled", "exported", "diverted", "scrapped", "disassembled"),
    *("close", "residual"),
)
_COMPONENTS = ("opening", "harvested", "consumed", "scrapped", "returned", "close", "residual")
_NEW_PARTS = ("opening", *FLOWS, "close", "residual")
_WASTE = (
    *("in", "destroyed", "returned", "here", "residual"),
    *("weighed", "destroyed_weighed", "residue"),
)
_MASS = (
    *("cores_in", "transferred", "out", "returned", "waste", "loose_waste", "short_settled"),
    *("close", "loss", "residual", "base"),
)

# The sheets that no period limits (docs/spec/account.md).
_CUMULATIVE = frozenset({"B", "B2", "C", "F3", "F4", "F5", "G", "G2"})

# What identifies or measures the same thing shares a cell on paper.
_UNDER = {
    "entry_line": "entry_no",
    "list_line": "list_no",
    "hs10": "mode",
    "kg": "declared_kg",
    "value": "declared_value",
    "actual": "expected",
    "hint": "meaning",
    "kid": "signed_at",
    "target": "event",
    "part_no": "input",
    "net_kg": "quantity",
    "origin": "goods_name",
    "destination": "goods_name",
}


class Source(NamedTuple):
    """What the sheets are made from; `samples` are checked, signed, and of this account."""

    account: Json
    details: Details
    registry: RegistryState
    zone: tzinfo
    samples: tuple[SignedSample, ...] = ()


def make_sheets(source: Source, words: Words) -> tuple[Sheet, ...]:
    """Makes all sheets but the summary, in the order of their ids."""
    maker = _Maker(source, words)
    return (
        maker.lines_in(),
        maker.fates(),
        maker.lines_out(),
        maker.balance("D", "cores", _CORES, "book_line"),
        maker.balance("E", "units", _UNITS, "book_line"),
        maker.balance("F", "components", _COMPONENTS, "part"),
        *maker.lots(),
        maker.mass(),
        maker.open_cores(),
        maker.stocktakes(),
        maker.changes(),
        maker.keys(),
        maker.findings(),
        maker.evidence(),
        maker.comparison(),
        maker.lineage(),
        maker.not_evaluated(),
        maker.samples(),
    )


def name_of(book: Json) -> str:
    """Returns the number of a book, or its id if the number is not disclosed."""
    return str(book.get("number") or book["book"])


def show_time(seconds: int, zone: tzinfo) -> str:
    """Formats a time with its offset from UTC."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S} {moment.isoformat()[19:]}"


class _Maker:
    """Makes sheets of one account in one language."""

    def __init__(self, source: Source, words: Words) -> None:
        self._account = source.account
        self._details = source.details
        self._registry = source.registry
        self._zone = source.zone
        self._samples = source.samples
        self._words = words

    def lines_in(self) -> Sheet:
        """Declared lines and what arrived."""
        pieces = (
            *("declared", "imported", "missing", "arrived", "in_transit", "received"),
            *("difference", "short_settled"),
        )
        columns = self._columns(
            *_LINE, *_pieces(pieces), ("due", "text"), *_VALUES, ("value", "text")
        )
        more = self._columns(("part_nos", "code"), ("open", "pieces"), ("overdue", "pieces"))
        return self._of_lines("B", "lines_in", (*columns, *more), "origin")

    def lines_out(self) -> Sheet:
        """Declared lines and what left."""
        pieces = (
            *("declared", "exported", "returned", "diverted", "left", "pending"),
            *("difference", "attested"),
        )
        columns = self._columns(*_LINE, *_pieces(pieces), ("due", "text"), *_VALUES)
        return self._of_lines("C", "lines_out", columns, "destination")

    def fates(self) -> Sheet:
        """Where the cores of each line are, in pieces and kg."""
        columns = self._columns(
            ("book", "code"),
            ("declaration", "code"),
            ("book_line", "code"),
            *_pieces(FATES),
            ("open", "pieces"),
            ("overdue", "pieces"),
            ("oldest_open_days", "count"),
        )
        columns += tuple(self._kg(fate) for fate in FATES)
        rows = [
            (name_of(book), line) for book in self._account["books"] for line in book["lines_in"]
        ]
        if "fate" in self._account["no_book"]:
            rows.append(("", self._account["no_book"]))
        cells = (
            {"book": name, **row, **_spread(row["fate"], ""), **_spread(row["fate_kg"], "kg.")}
            for name, row in rows
        )
        return self._sheet("B2", columns, cells)

    def balance(self, letter: str, table: str, terms: Sequence[str], key: str) -> Sheet:
        """A balance by book: pieces, and beside each of them its kg."""
        columns = self._columns(("book", "code"), (key, "code"), *_pieces(terms))
        columns += tuple(self._kg(term) for term in terms if term != "residual")
        rows = (
            {"book": name, **row, **{f"kg.{term}": kg for term, kg in row["kg"].items()}}
            for name, part in self._parts()
            for row in part.get(table, ())
        )
        return self._sheet(letter, columns, rows)

    def lots(self) -> Iterator[Sheet]:
        """New parts, yield, consumption and losses of new parts, and waste."""
        account = self._account
        codes = self._columns(("lot", "code"), ("book", "code"), ("part_no", "code"))
        columns = (*codes, *self._columns(*((term, "count") for term in _NEW_PARTS)))
        yield self._sheet("F2", columns, account["new_parts"])
        columns = self._columns(("part_no", "code"), ("good", "count"), ("of", "count"))
        yield self._sheet("F3", columns, account["yield"])
        names = self._columns(("part_no", "code"), ("new_part", "code"))
        counts = self._columns(*((term, "count") for term in ("units", "declared", "consumed")))
        yield self._sheet("F4", (*names, *counts), account["consumption"])
        counts = self._columns(*((term, "count") for term in ("consumed", "scrapped", "allowed")))
        yield self._sheet("F5", (*names[1:], *counts), account["losses"])
        columns = self._columns(
            ("lot", "code"), ("book", "code"), *((term, "kg") for term in _WASTE)
        )
        columns += self._columns(("pending", "text"))
        yield self._sheet("G", columns, account["waste"])

    def mass(self) -> Sheet:
        """The balance of mass of each book."""
        columns = self._columns(("book", "code"), *((term, "kg") for term in _MASS))
        rows = ({"book": name, **part["mass"]} for name, part in self._parts() if part.get("mass"))
        return self._sheet("G2", columns, rows)

    def open_cores(self) -> Sheet:
        """Each core that is still in the account, the oldest first."""
        columns = self._columns(
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
                "imported_at": show_time(core.at, self._zone),
                "days": str(core.days),
                "limit": str(core.limit),
                "overdue": core.days > core.limit,
                "fate": self._words(f"c.{core.fate}"),
                "kg": show(core.kg),
            }
            for core in sorted(self._details.open, key=lambda core: core.at)
        )
        return self._sheet("H", columns, rows)

    def stocktakes(self) -> Sheet:
        """What was counted, and what the ledger had at that moment."""
        columns = self._columns(
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
                **({"class": self._label("chains", row["class"])} if row else {}),
            }
            for book in self._account["books"]
            for count in book["stocktakes"]
            for row in (count["rows"] if count["rows"] is not None else [None])
        )
        return self._sheet("I", columns, rows)

    def changes(self) -> Sheet:
        """Corrections and voids, in the order of the log."""
        columns = self._columns(
            ("entry", "count"),
            ("kind", "text"),
            ("item", "code"),
            ("fields", "code"),
            ("reason", "text"),
            ("signed_at", "text"),
            ("kid", "code"),
            ("event", "code"),
            ("target", "code"),
        )
        rows = (
            {
                "entry": str(change.index),
                "kind": self._words(f"v.{change.kind}"),
                "item": change.item,
                "fields": list(change.fields),
                "reason": change.reason,
                "signed_at": show_time(change.at, self._zone),
                "kid": change.kid,
                "event": change.event,
                "target": change.target,
            }
            for change in self._registry.changes
        )
        return self._sheet("J", columns, rows)

    def keys(self) -> Sheet:
        """Keys with their roles, and how many events they signed."""
        columns = self._columns(
            ("kid", "code"),
            ("party", "code"),
            ("roles", "text"),
            ("added", "count"),
            ("revoked", "count"),
            ("disputed", "count"),
            ("events", "count"),
        )
        rows = (
            {
                "kid": key.kid,
                "party": key.party,
                "roles": [self._label("roles", role) for role in key.roles],
                "added": str(key.added),
                "revoked": "" if key.revoked is None else str(key.revoked),
                "disputed": "" if key.disputed is None else str(key.disputed),
                "events": str(key.events),
            }
            for key in self._registry.keys.values()
        )
        return self._sheet("K", columns, rows)

    def findings(self) -> Sheet:
        """Findings, the most severe first."""
        columns = self._columns(
            ("code", "code"),
            ("severity", "text"),
            ("subject", "code"),
            ("expected", "text"),
            ("actual", "text"),
            ("meaning", "text"),
            ("hint", "text"),
            ("count", "count"),
        )
        found = sorted(
            self._account["findings"],
            key=lambda finding: ("HML".index(finding["severity"]), finding["code"]),
        )
        rows = ({**finding, **self._explain(finding)} for finding in found)
        return self._sheet("L", columns, rows)

    def evidence(self) -> Sheet:
        """The events behind the findings, by their number in the log."""
        columns = self._columns(
            ("code", "code"), ("subject", "code"), ("entry", "count"), ("event", "code")
        )
        entries = self._details.entries
        rows = (
            {
                "code": finding["code"],
                "subject": finding["subject"],
                "entry": str(entries[event]),
                "event": event,
            }
            for finding in self._account["findings"]
            for event in finding["evidence"]
        )
        return self._sheet("L2", columns, rows)

    def comparison(self) -> Sheet:
        """Each key of customs' own list, one row for each side."""
        columns = self._columns(
            ("key", "code"),
            ("status", "text"),
            ("fields", "text"),
            ("side", "text"),
            ("quantity", "count"),
            ("measure", "code"),
            ("net_kg", "kg"),
            ("value", "amount"),
            ("open", "pieces"),
            *((name, "code") for name in ("currency", "hs10", "mode", "country")),
            *((name, "code") for name in ("book_no", "book_line")),
            ("merged", "count"),
            ("counted", "pieces"),
            ("lines", "code"),
        )
        rows = (
            {
                **match[side],
                "merged": str(match[side].get("merged", "")),
                "measure": [
                    show_measure(unit, self._words) for unit in match[side].get("measure", ())
                ],
                "key": self._key(*match["key"]),
                "status": self._words(f"v.{match['status']}"),
                "fields": [self._words(f"c.{name}") for name in match.get("fields", ())],
                "side": self._words(f"v.{side}"),
                "counted": match.get("counted", "") if side == "declared" else "",
                "lines": match["lines"],
            }
            for match in self._account.get("comparison", ())
            for side in ("customs", "declared")
            if side in match
        )
        return self._sheet("L3", columns, rows)

    def lineage(self) -> Sheet:
        """What went into each unit, and from which core it came."""
        columns = self._columns(
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
                "left": self._words(f"c.{found.left}") if found.left else "",
                "input": found.part,
                "chain": self._label("chains", found.chain),
                "part_no": found.part_no,
                "kg": show(found.kg),
                "root": found.root,
                "declaration": found.line,
            }
            for found in self._details.inputs
        )
        return self._sheet("M", columns, rows)

    def not_evaluated(self) -> Sheet:
        """The figures that are unknown, as JSON Pointers."""
        rows = ({"path": path} for path in self._account["not_evaluated"])
        return self._sheet("N", self._columns(("path", "code")), rows)

    def samples(self) -> Sheet:
        """Each core of the samples, with what the officer stated about it."""
        columns = self._columns(
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
                "result": self._words(f"v.{row.result or 'not_examined'}"),
                "remark": row.remark,
                "party": sample.party,
                "signed_at": show_time(sample.signed_at, self._zone),
                "kid": kid,
                "revoked": "" if revoked is None else str(revoked.entry),
                "seed": sample.seed,
            }
            for sample, kid, revoked in self._samples
            for place, row in enumerate(sample.results, 1)
        )
        return self._sheet("O", columns, rows)

    def _parts(self) -> Iterator[tuple[str, Json]]:
        """Yields the books by number, and the part without a book."""
        for book in self._account["books"]:
            yield name_of(book), book
        if self._account["no_book"]:
            yield "", self._account["no_book"]

    def _of_lines(self, letter: str, table: str, columns: Sequence[Column], country: str) -> Sheet:
        """Makes the sheet of declaration lines: what they state, and their figures."""
        first = self._columns(("book", "code"))
        more = self._columns(("goods_name", "text"), (country, "code"), ("declared_at", "text"))
        rows = (
            {"book": name_of(book), **row, **self._state(row["declaration"], country)}
            for book in self._account["books"]
            for row in book[table]
        )
        return self._sheet(letter, (*first, *columns, *more), rows)

    def _state(self, item: str, country: str) -> Json:
        """Returns what a line states beside its figures."""
        facts = self._details.lines[item]
        at = facts.declared_at
        return {
            "goods_name": facts.goods_name,
            country: facts.country,
            "declared_at": None if at is None else show_time(at, self._zone),
            "attested": str(facts.attested),
        }

    def _columns(self, *specs: tuple[str, Kind]) -> tuple[Column, ...]:
        names = {name for name, _ in specs}
        return tuple(
            Column(name, self._words(f"c.{name}"), kind, _UNDER[name])
            if _UNDER.get(name) in names
            else Column(name, self._words(f"c.{name}"), kind)
            for name, kind in specs
        )

    def _kg(self, term: str) -> Column:
        caption = self._words("kg", name=self._words(f"c.{term}"))
        return Column(f"kg.{term}", caption, "kg", under=term)

    def _key(self, kind: str, number: str, line: str) -> str:
        return self._words(f"key.{kind}", number=number, line=line)

    def _label(self, section: Section, name: str) -> str:
        label = find_label(section, name)
        return label.zh if self._words.language == "zh" else label.en

    def _explain(self, finding: Json) -> Json:
        entry, zh = CODES[finding["code"]], self._words.language == "zh"
        return {
            "severity": self._words(f"v.{finding['severity']}"),
            "meaning": entry.meaning_zh if zh else entry.meaning,
            "hint": entry.hint_zh if zh else entry.hint,
            "count": str(finding["count"]),
            **{
                side: show_side(finding["code"], finding[side], self._words)
                for side in ("expected", "actual")
                if side in finding
            },
        }

    def _sheet(self, letter: str, columns: Sequence[Column], rows: Iterable[Json]) -> Sheet:
        cells = tuple(tuple(self._cell(row.get(one.name, "")) for one in columns) for row in rows)
        return Sheet(letter, self._title(letter), tuple(columns), cells)

    def _title(self, letter: str) -> str:
        title = self._words(f"sheet.{letter}")
        later = self._account["from_size"] > 1
        if later and letter in _CUMULATIVE:
            return self._words("cumulative", title=title)
        return title

    def _cell(self, value: Any) -> Cell:
        match value:
            case None | str():
                return value
            case bool():
                return self._words("yes" if value else "no")
            case dict():  # amounts by currency
                return "; ".join(f"{amount} {currency}" for currency, amount in value.items())
            case _:
                return " ".join(map(str, value))


def _pieces(names: Iterable[str]) -> Iterator[tuple[str, Kind]]:
    return ((name, "pieces") for name in names)


def _spread(fates: Json, prefix: str) -> Json:
    """Returns a member for each fate; those that are omitted are 0."""
    return {f"{prefix}{fate}": fates.get(fate, "0") for fate in FATES}
