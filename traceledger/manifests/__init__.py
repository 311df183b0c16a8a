"""Reading the files that customs software and plants write: manifests and declarations.

From bytes to rows in steps, each in a module of its own: `reading` picks the reader of the format,
`csv_file` (with `decoding`) or `workbook`, and each yields the same rows of cells; `table` finds
their headings; `cells`, `coded`, `times` and `scans` say what one cell may hold, and `damage` what
spreadsheets do to it; `rows` judges every row; `manifest` and `declaration` are the two records.
Files are made by people and programs of all kinds, so whatever is unmistakable is read, and
everything else is refused with its row and column.
"""

from __future__ import annotations

from traceledger.manifests.conventions import Codes, Conventions, Encoding
from traceledger.manifests.declaration import Declaration, DeclarationRow, read_declaration
from traceledger.manifests.faults import ManifestError, RowFault, RowNotice
from traceledger.manifests.manifest import Manifest, ManifestRow, read_manifest
from traceledger.manifests.table import Reading, Table, read_head, read_table

__all__ = [
    "Codes",
    "Conventions",
    "Declaration",
    "DeclarationRow",
    "Encoding",
    "Manifest",
    "ManifestError",
    "ManifestRow",
    "Reading",
    "RowFault",
    "RowNotice",
    "Table",
    "read_declaration",
    "read_head",
    "read_manifest",
    "read_table",
]
