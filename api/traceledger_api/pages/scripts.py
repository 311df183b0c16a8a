"""Joins the modules of a page to one script, and its styles: one request, one body to compress."""

from __future__ import annotations

import re
from importlib import resources
from posixpath import dirname, join, normpath

__all__ = ["compact", "join_modules", "join_style"]

_IMPORT = re.compile(
    r'^import \{\s*\w+(?:,\s*\w+)*,?\s*\} from "(\.[\w./-]*\.js)";\n', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function|let) \w)", re.MULTILINE)
_DECLARED = re.compile(r"^(?:async )?(?:class|const|function|let) (\w+)", re.MULTILINE)
# Other forms of imports and exports, and of declarations whose names are not read above.
_REFUSED = re.compile(r"^(?:(?:import|export)\b|(?:const|let) \W).*", re.MULTILINE)

# Comments on lines of their own and indentation, an eighth of all bytes on the wire. No text of the
# scripts and styles spans lines.
_SPARE = re.compile(r"^[ \t]*(?://.*\n|/\*(?s:.*?)\*/\n)?[ \t]*\n*", re.MULTILINE)


def join_modules(entry: str) -> str:
    """Joins a module in `static` and all that it imports to one, with a single scope.

    Imported modules come first, as in a browser. Raises ValueError for a name that two of them have
    at their top level, and for what is not a plain import, export or declaration of names.
    """
    seen: set[str] = set()
    owners: dict[str, str] = {}
    joined: list[str] = []

    def add(path: str) -> None:
        if path in seen:
            return
        seen.add(path)
        source = _read(path)
        for imported in _IMPORT.findall(source):
            add(normpath(join(dirname(path), imported)))
        body = _EXPORT.sub("", _IMPORT.sub("", source))
        if refused := _REFUSED.search(body):
            raise ValueError(f"{path} cannot be joined: {refused[0]}")
        for name in _DECLARED.findall(body):
            if name in owners:
                raise ValueError(f"{owners[name]} and {path} both declare {name}")
            owners[name] = path
        joined.append(f"// {path}\n{body}\n")

    add(entry)
    return "".join(joined)


def join_style(name: str) -> str:
    """Returns the style of a page, preceded by what all pages share."""
    return _read("tokens.css") + _read(f"{name}.css")


def compact(text: str) -> str:
    """Removes what only readers of a script or style need."""
    return _SPARE.sub("", text)


def _read(name: str) -> str:
    file = resources.files("traceledger_api") / "static" / name
    return file.read_text(encoding="utf-8")
