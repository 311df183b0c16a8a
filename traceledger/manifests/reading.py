"""From the bytes of a file of any format to its rows of cells."""

from __future__ import annotations

from traceledger.errors import MalformedError, UsageError
from traceledger.manifests.conventions import Encoding
from traceledger.manifests.csv_file import read_csv
from traceledger.manifests.sheet import Sheet

__all__ = ["MAX_BYTES", "read_sheet"]

MAX_BYTES = 64 * 1024 * 1024

_UTF8_MARK = b"\xef\xbb\xbf"
_XLSX = b"PK\x03\x04"
_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"


def read_sheet(data: bytes, encoding: Encoding | None = None) -> Sheet:
    """Reads a CSV file or the first sheet of a workbook; `encoding` is that of a CSV file.

    At most 64 MiB. Raises MalformedError when the file cannot be read as a whole, UsageError
    `usage.extra` for a workbook where the libraries that read it are missing.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"the file has {len(data):,} bytes; allowed: {MAX_BYTES:,}")
    if not data.removeprefix(_UTF8_MARK).strip():
        raise _refused("the file is empty; it needs a row of headings and at least one more row")
    if data.startswith(_OLD_OR_ENCRYPTED):
        raise _refused(
            "the file is a workbook of an old version, or encrypted; save it as .xlsx without a"
            " password, or as CSV UTF-8"
        )
    return _read_workbook(data) if data.startswith(_XLSX) else read_csv(data, encoding)


def _read_workbook(data: bytes) -> Sheet:
    try:
        from traceledger.manifests.workbook import (  # noqa: PLC0415 - the extra [lists] has it
            read_workbook,
        )
    except ModuleNotFoundError as error:
        raise UsageError(
            "usage.extra",
            "the file is a workbook, and openpyxl, which reads it, is not installed",
            hint="Install it: `pip install 'traceledger[lists]'`, or save the sheet as CSV UTF-8.",
        ) from error
    return read_workbook(data)


def _refused(message: str) -> MalformedError:
    return MalformedError("manifest.form", message)
