"""Joins the modules of a page to one script, and its styles: one request, one body to compress."""

from __future__ import annotations

import re
from importlib import resources

__all__ = ["compact", "join_modules", "join_style"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|const|function) ([A-Za-z0-9]+))", re.MULTILINE)

# Comments on lines of their own and indentation, an eighth of all bytes on the wire. No text of the
# scripts and styles spans lines.
_SPARE = re.compile(r"^[ \t]*(?://.*\n|/\*(?s:.*?)\*/\n)?[ \t]*\n*", re.MULTILINE)


def join_modules(entry: str) -> list[str]:
    """Joins a module and all that it imports to one script, each as a function that runs once."""
    joined: dict[str, str] = {}

    def join(name: str) -> None:
        if name in joined:
            return
        source = _read(f"{name}.js")
        for _, imported in _IMPORT.findall(source):
            join(imported)
        body = _IMPORT.sub(lambda found: f"const {{{found[1]}}} = {_variable(found[2])};\n", source)
        names = ", ".join(found[1] for found in _EXPORT.findall(body))
        body = _EXPORT.sub(r"\1", body)
        joined[name] = (
            f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n"
        )

    join(entry)
    return list(joined.values())


def join_style(name: str) -> str:
    """Returns the style of a page, preceded by what all pages share."""
    return _read("tokens.css") + _read(f"{name}.css")


def compact(text: str) -> str:
    """Removes what only readers of a script or style need."""
    return _SPARE.sub("", text)


def _variable(name: str) -> str:
    return f"module_{name.replace('-', '_')}"


def _read(name: str) -> str:
    file = resources.files("traceledger_api") / "static" / name
    return file.read_text(encoding="utf-8")
