"""Roles of keys, and what each role may read.

Who may sign which event stands with each kind in the catalogue. Source: docs/guide/api.md,
"Reading, by role".
"""

from __future__ import annotations

from typing import Literal, get_args

__all__ = [
    "DISCLOSURE_READERS",
    "HOLDERS",
    "LIST_READERS",
    "LOG_READERS",
    "MANAGERS",
    "ROLES",
    "Holder",
    "KeyRole",
    "Manager",
    "Role",
    "Visibility",
]

Role = Literal[
    "importer",
    "broker",
    "operator",
    "quality",
    "approver",
    "carrier",
    "recycler",
    "customs",
    "observer",
    "distributor",
]
ROLES: tuple[Role, ...] = get_args(Role)
"""The roles of station keys, for which a party is admitted."""

Manager = Literal["root", "admin"]
MANAGERS: tuple[Manager, ...] = get_args(Manager)
"""The roles of keys that admit parties and register keys, and record nothing else."""

KeyRole = Role | Manager

Holder = Literal["customs", "quality"]
HOLDERS: tuple[Holder, ...] = get_args(Holder)
"""The roles that may hold a part, the stricter first."""

Visibility = Literal["public", "customs", "internal"]
"""Who reads a field besides the party that signed it: everybody; customs, and the importer whose
party's prefixes the item's id begins with; nobody."""

# A party outside the plant looks up what it knows the id of; it does not list what there is.
LIST_READERS: tuple[KeyRole, ...] = (
    "observer",
    "customs",
    "importer",
    "broker",
    "operator",
    "quality",
    "approver",
    "root",
)
"""The roles that search, list and follow what happens."""

LOG_READERS: tuple[KeyRole, ...] = ("observer", "customs")
"""The roles that read the entries of the whole log, with their public fields."""

DISCLOSURE_READERS: tuple[KeyRole, ...] = ("customs",)
"""The roles that read the disclosures of the whole log, as far as they may see them."""
