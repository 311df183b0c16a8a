"""The page that verifies a passport offline, as one file: `static/verify.html`.

::

    python -m traceledger_api.verifier

The file contains the verifier, the catalogue, the texts of all languages, the styles and the
scripts, so it opens from a disk. Its Content-Security-Policy allows exactly this style and this
script, by SHA-256, and no connections.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

from traceledger.events.vocabulary import describe_vocabulary
from traceledger_api.pages.scripts import join_modules, join_style
from traceledger_api.pages.words import LANGUAGES, SERVER_WORDS, load_words

__all__ = ["PAGE", "STATIC", "format_page"]

STATIC = Path(__file__).parent / "static"
PAGE = STATIC / "verify.html"

_ICONS = Path(__file__).parent / "templates" / "icons.svg"
_ENTRY = "verify-page.js"


def format_page() -> str:
    """Assembles the page as HTML from the files in `static`."""
    style = join_style("buyer") + _read("verify-page.css")
    script = "\n".join(
        (
            f"const CATALOGUE = {_json(json.loads(_read('catalogue.json')))};",
            f"const LANGUAGES = {_json(_languages())};",
            join_modules(_ENTRY),
        )
    )
    # A browser ends a script at "</script", wherever it occurs.
    if "</" in script or "<!--" in script:
        raise ValueError("a script of the page contains the start of a tag")
    parts = {
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "icons": _ICONS.read_text(encoding="utf-8"),
        "style": style,
        "script": script,
    }
    page = _read("verify-page.html")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    return page


def _languages() -> dict[str, dict[str, object]]:
    return {
        tag: {
            "name": name,
            "texts": load_words(tag).without(SERVER_WORDS),
            "vocabulary": describe_vocabulary(tag),
        }
        for tag, name in LANGUAGES.items()
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


if __name__ == "__main__":
    PAGE.write_text(format_page(), encoding="utf-8")
