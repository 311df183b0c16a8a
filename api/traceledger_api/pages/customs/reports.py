"""Reports of the account as files, which state that nobody but this server checked them."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from traceledger.audit.account import Account
from traceledger.audit.details import describe_details
from traceledger.audit.findings.all import find_all
from traceledger.audit.output import describe_account
from traceledger.errors import UsageError
from traceledger.files.installation import DISTRIBUTION, find_installation
from traceledger.files.targets import format_zip
from traceledger.formats.trust import TrustFile, fingerprint, format_trust
from traceledger.reports.csv_files import format_csv_files
from traceledger.reports.front import Basis, GivenList, Served
from traceledger.reports.html_page import format_html_page
from traceledger.reports.model import Report
from traceledger.reports.report import make_report
from traceledger.reports.sheets.source import Source
from traceledger_api.pages.customs.downloads import TABLES
from traceledger_api.pages.customs.log_page import judge_health
from traceledger_api.pages.customs.samples import read_kept
from traceledger_api.pages.customs.visit import Visit

__all__ = ["FORMATS", "Compared", "Format", "draw_reports", "format_report"]

_LIBRARY = "xlsxwriter"


class Render(Protocol):
    """Renders a report."""

    def __call__(self, report: Report, /) -> bytes:
        """Renders a report as a file."""


class Format(NamedTuple):
    """A format of reports: its media type, what renders it, and the library that it needs."""

    media: str
    render: Render
    library: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether this server can write it."""
        return not self.library or find_spec(self.library) is not None


class Compared(NamedTuple):
    """An account compared with customs' own list: the file, and the options that read it again."""

    account: Account
    file: GivenList
    options: tuple[str, ...]


def draw_reports(visit: Visit) -> dict[str, Any]:
    """Returns the values of the page of downloads."""
    return {
        "formats": [(name, one.is_installed) for name, one in FORMATS.items()],
        "tables": list(TABLES),
        "books": [
            (book["book"], book.get("number") or book["book"]) for book in visit.described["books"]
        ],
    }


def format_report(
    visit: Visit,
    name: str,
    trust: TrustFile,
    samples: Iterable[bytes] = (),
    compared: Compared | None = None,
) -> bytes:
    """Formats the report of a visit's account; `name` is one of `FORMATS`.

    `compared` is that account with customs' own list. `samples` are signed results of samples
    of this account, which were checked.

    Raises UsageError `usage.extra` for a format whose library is not installed.
    """
    chosen = FORMATS[name]
    if not chosen.is_installed:
        raise UsageError(
            "usage.extra",
            f"a report as .{name} needs {chosen.library}, which this server does not have",
            hint=f"Run `pip install '{DISTRIBUTION}[reports]'` on the server.",
        )
    return chosen.render(_make_report(visit, trust, samples, compared))


def _make_report(
    visit: Visit, trust: TrustFile, samples: Iterable[bytes], compared: Compared | None
) -> Report:
    computed, health, program = visit.computed, judge_health(visit, trust), find_installation()
    basis = Basis(
        verdict=Served(
            visit.ledger.origin, visit.wanted.end, health.cosigners if health.witnesses else None
        ),
        root=health.root,
        fingerprint=fingerprint(format_trust(trust)),
        program=(program.distribution, program.version, program.digest),
        command=visit.command_with(compared.options if compared else ()),
        lists=(compared.file,) if compared else (),
        documents=False,
    )
    account, findings, described = computed.account, computed.findings, computed.described
    if compared:
        account = compared.account
        findings = tuple(find_all(account))
        described = describe_account(account, findings)
    details = describe_details(account, findings)
    source = Source(
        described,
        details,
        computed.registry,
        visit.clock.zone,
        tuple(read_kept(visit.ledger, note) for note in samples),
    )
    return make_report(source, basis, visit.words.of_reports.language)


def _zip(report: Report, /) -> bytes:
    return format_zip(format_csv_files(report).items())


def _workbook(report: Report, /) -> bytes:
    data: bytes = importlib.import_module("traceledger.reports.workbook").format_workbook(report)
    return data


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "html": Format("text/html; charset=utf-8", format_html_page),
        "xlsx": Format(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _workbook, _LIBRARY
        ),
        "zip": Format("application/zip", _zip),
    }
)
"""The formats of reports by suffix; `zip` has a CSV file for each table."""
