"""The reference page of the API, from its OpenAPI description: no script, nothing remote."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["make_reference"]

_STYLE = """
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 20%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{line-height:1.25}h2{margin-top:3rem}section{border-top:1px solid var(--line)}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;
border:1px solid var(--line);border-radius:6px}table{border-collapse:collapse;width:100%}
td,th{text-align:start;vertical-align:top;padding:.3rem .8rem .3rem 0}
b{display:inline-block;min-width:3.2rem}
"""


def make_reference(description: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the page and its Content-Security-Policy."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = escape(description["info"]["title"])
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{escape(description['info']['description'])}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{''.join(_sections(description))}</body></html>"
    )
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    return page, policy


def _sections(description: Mapping[str, Any]) -> Iterator[str]:
    tags: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    for tag, operations in tags.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    rows = "".join(map(_parameter, operation.get("parameters", ())))
    table = f"<table><tr><th>parameter<th>in<th>meaning</tr>{rows}</table>" if rows else ""
    return (
        f"<section><h3><b>{method.upper()}</b> <code>{escape(path)}</code></h3>"
        f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p>"
        f"{table}{_body(operation)}</section>"
    )


def _parameter(parameter: Mapping[str, Any]) -> str:
    text = parameter.get("description", "")
    need = " (required)" if parameter.get("required") else ""
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{parameter['in']}"
        f"<td>{escape(text)}{need}</tr>"
    )


def _body(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p><code>{escape(media)}</code></p><pre>{escape(_example(one))}</pre>"
        for media, one in content.items()
        if "example" in one
    )


def _example(content: Mapping[str, Any]) -> str:
    example = content["example"]
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
