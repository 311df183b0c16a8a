"""Writing and signing the report of `traceledger audit`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from traceledger.audit.output import format_account
from traceledger.errors import ConflictError, UsageError
from traceledger.files.targets import format_zip, open_target
from traceledger.formats.note import NoteSigner, check_key_name
from traceledger.formats.vkey import format_vkey
from traceledger.reports.csv_files import format_csv_files
from traceledger.reports.html_page import format_html_page
from traceledger.reports.model import Report
from traceledger.reports.signature import sign_report
from traceledger.reports.words import LANGUAGES, Language
from traceledger_cli.extras import load
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import check_output, write_output
from traceledger_cli.options.note_key import open_note_key
from traceledger_cli.output import Output

__all__ = ["ReportOptions", "report_options", "signature_path"]

Function = Callable[..., Any]

_FORMATS = (".html", ".xlsx", ".json", ".zip", "")
_ALLOWED = ".html, .xlsx, .json, .zip (CSV) and a folder without a suffix (CSV)"


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Where a report is written, in which language, and with which key it is signed."""

    path: Path
    language: Language
    key: Path | None
    signer: str | None
    passphrase_file: Path | None

    def check(self) -> None:
        """Refuses what cannot be written or signed, before the audit begins."""
        suffix = self.path.suffix
        if suffix not in _FORMATS:
            raise UsageError(
                "usage.option", f"no report ends in {suffix}; allowed: {_ALLOWED}", where="--report"
            )
        if suffix == ".xlsx":
            _load_workbook()
        written = [self.path]
        if self.key is not None:
            if not suffix:
                raise UsageError("usage.option", "a folder cannot be signed; name a .zip")
            check_key_name(self._name)
            written.append(signature_path(self.path))
        for path in written:
            if path.exists() and not (path.is_dir() and not any(path.iterdir())):
                raise ConflictError("report.exists", f"{path} already exists")
            check_output(path if suffix else path / "A.csv" if path.is_dir() else path)

    def open_key(self) -> NoteSigner | None:
        """Opens the signing key, if one is given; asks for its passphrase."""
        if self.key is None:
            return None
        return open_note_key(self.key, self._name, self.passphrase_file)

    def write(
        self,
        report: Report,
        account: dict[str, Any],
        signer: NoteSigner | None,
        out: Output,
    ) -> None:
        """Writes the report, and its signature beside it."""
        if not self.path.suffix:
            with open_target(self.path) as target:
                for name, content in format_csv_files(report).items():
                    target.write(name, content)
            out.note(f"Wrote {self.path}.")
            return
        data = _format(self.path.suffix, report, account)
        write_output(self.path, data)
        if signer is not None:
            try:
                note = sign_report(data, account, report.front.subtitle, signer)
                write_output(signature_path(self.path), note)
            except BaseException:
                self.path.unlink()  # a report without its signature would refuse another attempt
                raise
        out.note(f"Wrote {self.path}.")
        if signer is not None:
            out.note(f"Wrote {signature_path(self.path)}, signed by {format_vkey(signer.verifier)}")

    @property
    def _name(self) -> str:
        return self.signer or (self.key.stem if self.key else "")


def signature_path(report: Path) -> Path:
    """Returns the path of a report's signature."""
    return report.with_name(f"{report.name}.sig")


def report_options(function: Function) -> Function:
    """Adds the options of a report, received as `report`."""
    for option in reversed(
        (
            click.option(
                "--report",
                "report_path",
                type=click.Path(path_type=Path),
                help="A report to write; its suffix chooses the format: .html, .xlsx, .json,"
                " .zip (CSV). Without a suffix, a folder with CSV files.",
            ),
            click.option(
                "--language",
                type=click.Choice(LANGUAGES),
                default="en",
                show_default=True,
                help="The language of the report.",
            ),
            click.option(
                "--sign",
                "key",
                type=click.Path(path_type=Path),
                help="The key file (.pem) that signs the report; writes FILE.sig.",
            ),
            click.option("--signer", help="The signer's name. Default: the name of the key file."),
            click.option(
                "--passphrase-file",
                type=FILE,
                envvar="TRACELEDGER_PASSPHRASE_FILE",
                help="A file with the passphrase of the key. Default: a prompt.",
            ),
        )
    ):
        function = option(function)
    return function


def _format(suffix: str, report: Report, account: dict[str, Any]) -> bytes:
    if suffix == ".json":
        return format_account(account)
    if suffix == ".zip":
        return format_zip(format_csv_files(report).items())
    if suffix == ".html":
        return format_html_page(report)
    data: bytes = _load_workbook().format_workbook(report)
    return data


def _load_workbook() -> Any:
    return load("traceledger.reports.workbook", "a report as a workbook")
