"""Reading the manifests and declarations that customs software and plants produce.

Each step has a module. `reading` selects the reader of the format: `csv_file` (with `decoding`) or
`workbook`. Both return rows of cells. `table` finds the headings. `cells`, `coded`, `times` and
`scans` parse single cells, and `damage` recognizes values that a spreadsheet has changed. `rows`
validates every row. `manifest` and `declaration` define the two records. Many people and programs
write such files, so every unambiguous form is accepted; anything else is refused with its row and
column.
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
