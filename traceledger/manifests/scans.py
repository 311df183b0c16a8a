"""Parser of a cell with the id of a core, typed or scanned."""

from __future__ import annotations

from traceledger.errors import MalformedError
from traceledger.identifiers import ItemId, read_scanned

__all__ = ["core"]


def core(cell: str) -> ItemId:
    """Parses the item id of a core, alone, in a GS1 element string or in a link.

    An id is never changed: lower-case letters are refused, not capitalized.
    """
    allowed = "the id of a core, such as 8004/9521234C000001 or x/core/C000001"
    try:
        item = read_scanned(cell)
    except MalformedError as error:
        raise MalformedError(error.code, f"{allowed} ({error.message})") from error
    if not item.may_be("core"):
        raise MalformedError("manifest.value", f"{allowed}; this is the id of a {item.form}")
    return item
