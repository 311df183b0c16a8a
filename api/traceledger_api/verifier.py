"""The page that verifies a passport offline, as one file: `static/verify.html`.

::

    python -m traceledger_api.verifier

The file contains the verifier, the catalogue, the style and the script of the page, so it opens
from a disk. Its Content-Security-Policy allows exactly this style and this script, by SHA-256,
and no connections.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

__all__ = ["PAGE", "STATIC", "format_page"]

STATIC = Path(__file__).parent / "static"
PAGE = STATIC / "verify.html"


def format_page() -> str:
    """Assembles the page as HTML from the files in `static`."""
    style = _read("verify-page.css")
    catalogue = json.dumps(json.loads(_read("catalogue.json")), separators=(",", ":"))
    script = "\n".join(
        (
            f"const CATALOGUE = {catalogue};",
            _read("verify.js"),
            _read("verify-page.js"),
        )
    )
    # A browser ends a script at "</script", wherever it occurs.
    if "</" in script or "<!--" in script:
        raise ValueError("a script of the page contains the start of a tag")
    parts = {
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "style": style,
        "script": script,
    }
    page = _read("verify-page.html")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    return page


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


if __name__ == "__main__":
    PAGE.write_text(format_page(), encoding="utf-8")
