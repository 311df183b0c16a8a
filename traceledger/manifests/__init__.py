"""Reading the CSV files that customs software and plants write: manifests and declarations.

From bytes to rows in steps, each in a module of its own: `decoding` (bytes to text), `table` (text
to cells under known headings), `cells` (what one cell may hold), `rows` (every row judged), and
the two records `manifest` and `declaration`. Files are made by people and programs of all kinds,
so whatever is unmistakable is read, and everything else is refused with its row and column.
"""

from __future__ import annotations

from traceledger.manifests.declaration import DeclarationRow, read_declarations
from traceledger.manifests.faults import ManifestError, RowFault
from traceledger.manifests.manifest import Manifest, ManifestRow, read_manifest
from traceledger.manifests.table import Table, TableRow, read_table

__all__ = [
    "DeclarationRow",
    "Manifest",
    "ManifestError",
    "ManifestRow",
    "RowFault",
    "Table",
    "TableRow",
    "read_declarations",
    "read_manifest",
    "read_table",
]
