"""All statements that read or change rows, in the SQL that every engine understands.

`?` marks a value; an engine with another mark replaces it. Each statement finds its rows by an
index unless it reads all rows, and takes its order from an index instead of sorting. Tests assert
the query plan of each.
"""

from __future__ import annotations

from traceledger.views.rows import Search

__all__ = ["make_search"]

_ENTRIES = (
    'SELECT entry."index", leaf, item, seq, kind, body, text FROM entry'
    ' LEFT JOIN disclosure ON disclosure."index" = entry."index"'
)

SIZE = 'SELECT coalesce(max("index") + 1, 0) FROM entry'
ENTRIES = f'{_ENTRIES} WHERE entry."index" >= ? AND entry."index" < ? ORDER BY entry."index"'
BODIES = 'SELECT body FROM entry WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
CONTENTS = 'SELECT leaf, body FROM entry WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
LEAVES = 'SELECT leaf FROM entry WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
CHAIN = f"{_ENTRIES} WHERE item = ? AND seq <= ? ORDER BY seq"
PLACE = f"{_ENTRIES} WHERE item = ? AND seq = ?"
# From the newest on: events are confirmed, released and corrected soon, also in a long chain.
EVENT = f"{_ENTRIES} WHERE item = ? AND leaf = ? ORDER BY seq DESC LIMIT 1"
ERASE = 'UPDATE disclosure SET text = ? WHERE "index" = ? AND text <> ?'

TILE = 'SELECT hashes FROM tile WHERE level = ? AND "index" = ?'
TILE_ROOTS = (
    'SELECT root FROM tile WHERE level = ? AND "index" >= ? AND "index" < ? ORDER BY "index"'
)

HEADS = "SELECT * FROM head WHERE item IN ({marks})"
ALL_HEADS = "SELECT * FROM head ORDER BY item"
FORGET_HEADS = "DELETE FROM head"
FORGET_DECLARED = "DELETE FROM declared_item"
ITEM_COUNT = "SELECT count(*) FROM head"
# Items whose rows in `declared_item` are not those that `head.declaration` lists.
MISFILED = (
    "SELECT declared_item.item FROM declared_item LEFT JOIN head ON head.item = declared_item.item"
    " WHERE head.item IS NULL OR"
    " instr(' ' || head.declaration || ' ', ' ' || declared_item.declaration || ' ') = 0"
    " UNION SELECT head.item FROM head LEFT JOIN"
    " (SELECT item, count(*) AS lines FROM declared_item GROUP BY item) AS filed"
    " ON filed.item = head.item WHERE head.declaration <> '' AND coalesce(filed.lines, 0) <>"
    " length(head.declaration) - length(replace(head.declaration, ' ', '')) + 1"
)
DECLARED_COUNT = "SELECT count(*) FROM declared_item WHERE declaration = ?"
# Few items have later events; for these, the latest event below the size is looked up. CROSS JOIN
# keeps SQLite from reading all entries first.
LATEST = (
    "SELECT item, seq, head, latest FROM head WHERE latest < ?"
    ' UNION ALL SELECT entry.item, entry.seq, entry.leaf, entry."index" FROM head'
    " CROSS JOIN entry WHERE entry.item = head.item AND entry.seq ="
    ' (SELECT max(seq) FROM entry WHERE item = head.item AND "index" < ?)'
    " AND latest >= ?"
)

NEWEST_CHECKPOINT = "SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1"
CHECKPOINT = "SELECT * FROM checkpoint WHERE size = ?"
CHECKPOINTS = "SELECT * FROM checkpoint WHERE size > ? ORDER BY size LIMIT ?"
SIGN = "UPDATE checkpoint SET note = ? WHERE size = ?"
SIGNED_SIZES = (
    "SELECT size FROM checkpoint WHERE note <> '' AND size <= ? ORDER BY size DESC LIMIT ?"
)
# An unchanged checkpoint is cosigned again and again, for months in a ledger that is not used. The
# recursions step from one witness, or one size, to the next without reading the lines between them.
COSIGNATURES = (
    "WITH RECURSIVE signer(size, witness) AS"
    " (SELECT size, (SELECT min(witness) FROM cosignature WHERE size = checkpoint.size)"
    " FROM checkpoint WHERE size = ? UNION ALL"
    " SELECT size, (SELECT min(witness) FROM cosignature"
    " WHERE size = signer.size AND witness > signer.witness) FROM signer WHERE witness IS NOT NULL)"
    " SELECT newest.* FROM signer CROSS JOIN cosignature AS newest"
    " WHERE newest.size = signer.size AND newest.witness = signer.witness AND newest.time ="
    " (SELECT max(time) FROM cosignature WHERE size = signer.size AND witness = signer.witness)"
    " AND newest.line = (SELECT max(line) FROM cosignature WHERE size = newest.size"
    " AND witness = newest.witness AND time = newest.time)"
)
COSIGNED_SIZES = (
    "WITH RECURSIVE cosigned(size) AS (SELECT max(size) FROM cosignature WHERE size <= ?"
    " UNION ALL SELECT (SELECT max(size) FROM cosignature WHERE size < cosigned.size)"
    " FROM cosigned WHERE size IS NOT NULL)"
    " SELECT size FROM cosigned WHERE size IS NOT NULL LIMIT ?"
)

# The most selective conditions come first. A concatenation keeps SQLite from using another index.
_FILTERS = (
    ("part_no", "part_no = ? AND part_no <> ''", "part_no || '' = ?"),
    ("life", "life = ?", "life || '' = ?"),
    ("chain", "chain = ?", "chain || '' = ?"),
)


def make_search(wanted: Search) -> tuple[str, tuple[str | int, ...]]:
    """Builds the query of a search and its parameters."""
    source, item = "head", "head.item"
    conditions: list[str] = []
    values: list[str | int] = []
    if wanted.declaration:
        # CROSS JOIN keeps SQLite from reading the items first.
        source, item = "declared_item CROSS JOIN head", "declared_item.item"
        conditions.append("declared_item.declaration = ? AND head.item = declared_item.item")
        values.append(wanted.declaration)
    for name, leading, following in _FILTERS:
        if value := getattr(wanted, name):
            conditions.append(following if conditions else leading)
            values.append(value)
    if wanted.id_part:
        conditions.append(f"instr({item}, ?) > 0")
        values.append(wanted.id_part)
    where = " AND ".join([*conditions, f"{item} > ?"])
    query = f"SELECT head.* FROM {source} WHERE {where} ORDER BY {item} LIMIT ?"  # noqa: S608 - constants only
    return query, (*values, wanted.after, wanted.limit)
