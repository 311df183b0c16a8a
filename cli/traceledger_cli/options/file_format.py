"""Recognizing files of a wrong kind, so that they are named instead of refused as a record."""

from __future__ import annotations

from pathlib import Path

from traceledger.errors import MalformedError

__all__ = ["refuse_other_format"]

_SIGNATURES = (
    (b"", "empty"),
    (b"PK\x03\x04", "a zip that is cut off or damaged"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"%PDF", "a PDF"),
    (b"\xef\xbb\xbf", "text with a byte order mark"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"<", "an HTML or XML page"),
)


def refuse_other_format(data: bytes, path: Path, needed: str, begins: bytes = b"{") -> None:
    """Refuses a file that cannot be what is needed; raises MalformedError `file.format`.

    `begins` is how every file of the needed format begins.
    """
    found = next((kind for start, kind in _SIGNATURES if _has(data, start)), "")
    if not found and not data.startswith(begins):
        found = "in another format"
    if found:
        raise MalformedError("file.format", f"{path} is {found}, not {needed}")


def _has(data: bytes, start: bytes) -> bool:
    return data.lstrip().startswith(start) if start else not data.strip()
