"""Reading a file of any supported format as rows of cells."""

from __future__ import annotations

from collections.abc import Callable

from traceledger.errors import MalformedError, UsageError
from traceledger.manifests.conventions import Encoding
from traceledger.manifests.csv_file import read_csv
from traceledger.manifests.headings import is_known
from traceledger.manifests.sheet import MAX_UNPACKED, Sheet

__all__ = ["MAX_BYTES", "read_sheet"]

MAX_BYTES = 64 * 1024 * 1024

_UTF8_MARK = b"\xef\xbb\xbf"
_XLSX = b"PK\x03\x04"
_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"


def read_sheet(
    data: bytes,
    encoding: Encoding | None = None,
    known: Callable[[str], bool] = is_known,
    *,
    unpacked: int = MAX_UNPACKED,
) -> Sheet:
    """Reads a CSV file or the first sheet of a workbook.

    `encoding` applies to CSV files, and so does `known`, which reports whether a cell is a heading.
    An unpacked workbook has at most `unpacked` bytes.

    At most 64 MiB. Raises MalformedError if the file as a whole cannot be read, UsageError
    `usage.extra` for a workbook if the libraries that read workbooks are not installed.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"the file has {len(data):,} bytes; allowed: {MAX_BYTES:,}")
    if not data.removeprefix(_UTF8_MARK).strip():
        raise _refused("the file is empty; it needs a row of headings and at least one other row")
    if data.startswith(_OLD_OR_ENCRYPTED):
        raise _refused(
            "the file is an encrypted workbook or in the old .xls format; save it as .xlsx without"
            " a password, or as CSV UTF-8"
        )
    return (
        _read_workbook(data, unpacked)
        if data.startswith(_XLSX)
        else read_csv(data, encoding, known)
    )


def _read_workbook(data: bytes, unpacked: int) -> Sheet:
    try:
        from traceledger.manifests.workbook import (  # noqa: PLC0415 - the extra [lists] has it
            read_workbook,
        )
    except ModuleNotFoundError as error:
        raise UsageError(
            "usage.extra",
            "the file is a workbook, and the libraries that read workbooks are not installed",
            hint="Run `pip install 'traceledger-bonded[lists]'`, or save the sheet as CSV UTF-8.",
        ) from error
    return read_workbook(data, unpacked)


def _refused(message: str) -> MalformedError:
    return MalformedError("manifest.form", message)
