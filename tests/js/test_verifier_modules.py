"""The second verifier is a folder of small modules with the rooms and names of the library."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import traceledger
from traceledger_api.verifier import STATIC

VERIFIER = STATIC / "verifier"
LIBRARY = Path(traceledger.__file__).parent
ROOMS = (("verify",), ("rules",), ("formats",), ("events", "merkle"), ("identifiers",), ("",))
"""From top to bottom; rooms beside each other do not import each other."""

OWN = {
    "bytes.js",  # what Python has built in
    "values.js",
    "events/p256.js",  # in Python a class of the library cryptography
    "verify/record.js",  # for pages
    "verify/trust-list.js",
}
"""Modules without a counterpart in the library."""

_IMPORTED = re.compile(r'^(?:import|\} from|/\*\* @import) .*"(\..*?)"(?:;| \*/)$', re.MULTILINE)


def read_imports() -> dict[Path, set[Path]]:
    """The imports of all modules of the pages, types included, by path."""
    return {
        path: {
            (path.parent / name).resolve()
            for name in _IMPORTED.findall(path.read_text())
            if not name.endswith(".d.ts")
        }
        for path in STATIC.rglob("*.js")
        if path.parent.name != "vendor"
    }


def level_of(path: Path) -> int:
    room = "" if path.parent == VERIFIER else path.parent.relative_to(VERIFIER).as_posix()
    return next(level for level, rooms in enumerate(ROOMS) if room in rooms)


def test_imports_point_downwards_only() -> None:
    """The verifier must neither depend on a page nor read through to a higher room."""
    imports = {path: seen for path, seen in read_imports().items() if VERIFIER in path.parents}
    assert sum(map(len, imports.values())) > 150
    wrong = [
        f"{path.relative_to(VERIFIER)} imports {imported}"
        for path, seen in imports.items()
        for imported in seen
        if VERIFIER not in imported.parents
        or level_of(imported) < level_of(path)
        or (level_of(imported) == level_of(path) and imported.parent != path.parent)
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    """In one scope, a constant would be read before it has a value."""
    TopologicalSorter(read_imports()).prepare()


def test_each_module_is_small() -> None:
    long = {path.name for path in VERIFIER.rglob("*.js") if path.read_text().count("\n") > 300}
    assert long == set()


def test_each_module_has_a_counterpart_in_the_library() -> None:
    """Who changes a rule in one language finds it in the other."""
    names = {path.relative_to(VERIFIER).as_posix() for path in VERIFIER.rglob("*.js")}
    alone = {
        name
        for name in names
        if not (LIBRARY / name.replace("-", "_")).with_suffix(".py").is_file()
    }
    assert alone == OWN
