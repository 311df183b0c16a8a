"""What people read instead of the catalogue's names, in English and Chinese.

The words stand in `captions.json`, by section. A row's name is `net_kg`, or `destroy.net_kg` where
one kind calls it otherwise; the most exact row counts.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

__all__ = ["Label", "Section", "find_label"]

Section = Literal[
    "chains",
    "kinds",
    "fields",
    "links",
    "values",
    "states",
    "overlays",
    "roles",
    "readers",
    "reject_codes",
]


class Label(NamedTuple):
    """The words for one name."""

    en: str
    zh: str


def find_label(section: Section, *path: str) -> Label:
    """Finds the words for a name, given with what it lies in: `"fields", "destroy", "net_kg"`.

    A name without words, as a newer version may have written it, is its own label.
    """
    rows = _read_labels()[section]
    for start in range(len(path)):
        row = rows.get(".".join(path[start:]))
        if row is not None:
            return Label(row["en"], row["zh"])
    return Label(path[-1], path[-1])


@functools.cache
def _read_labels() -> dict[Section, dict[str, dict[str, str]]]:
    data = resources.files(__package__).joinpath("captions.json").read_bytes()
    return msgspec.json.decode(data, type=dict[Section, dict[str, dict[str, str]]])
