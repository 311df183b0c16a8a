"""Display texts for the names in the catalogue, in English and Chinese.

The texts are in `captions.json`, by section. A row is named `net_kg`, or `destroy.net_kg` to
override it for one kind; the most specific row applies.
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
    """The display texts of a name."""

    en: str
    zh: str


def find_label(section: Section, *path: str) -> Label:
    """Finds the display texts of a name by its path, for example `"fields", "destroy", "net_kg"`.

    A name without texts, such as one that a newer version wrote, is its own label.
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
