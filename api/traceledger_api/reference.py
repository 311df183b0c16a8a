"""The pages about the API and its codes: no script, nothing remote."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, NamedTuple

__all__ = ["make_explanation", "make_reference"]

_STYLE = """
:root{color-scheme:light dark;--ink:#191c22;--faint:#5a5f69;--ground:#fdfcf9;--sheet:#f4f2ec;
--line:#dfdbd0;--link:#1d4d96}
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--faint:#a3a9b4;--ground:#101216;
--sheet:#191c22;--line:#30353e;--link:#94b9ff}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:40rem;background:var(--ground);
color:var(--ink);font:1rem/1.55 system-ui,"Noto Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
h1,h2,h3{line-height:1.25}h1{margin-top:0}h2{margin:3rem 0 1rem}h3{margin:0 0 .5rem;font-size:1rem}
h3 a{color:inherit;text-decoration:none}h3 a:hover,h3 a:focus-visible{text-decoration:underline}
article{padding:1.25rem 0;border-top:1px solid var(--line)}article:target{background:var(--sheet);
margin:0 -.75rem;padding-inline:.75rem;border-radius:.5rem}
code,pre{font:.875rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
pre{overflow:auto;max-height:20rem;padding:.75rem;background:var(--sheet);border:1px solid
var(--line);border-radius:.375rem;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
td,th{text-align:start;vertical-align:top;padding:.375rem .75rem .375rem 0;border-top:1px solid
var(--line)}th{color:var(--faint);font-weight:600}
nav ul{list-style:none;margin:.25rem 0 1rem;padding:0}nav li a{display:block;padding:.25rem 0;
min-height:1.5rem;text-decoration:none}nav li a:hover{text-decoration:underline}
nav h2{margin:1.25rem 0 .25rem;font-size:1rem}
.method{display:inline-block;min-width:3.25rem;color:var(--faint);font-weight:700}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media(min-width:68rem){.reference{display:grid;grid-template-columns:17rem minmax(0,40rem);
gap:0 4rem;
max-width:64rem}header{grid-column:2}nav{grid-row:1/3;position:sticky;top:0;max-height:100vh;
overflow:auto;padding:1rem 0;font-size:.9375rem}main{grid-column:2}}
"""
_CODE = re.compile(r"`([^`]+)`")


class _Operation(NamedTuple):
    """A method at a path; `anchor` is unique on the page."""

    anchor: str
    method: str
    path: str
    described: Mapping[str, Any]


def make_reference(description: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the page and its Content-Security-Policy."""
    title = f"{escape(description['info']['title'])} API"
    tags = _group(description)
    body = (
        f'<body class="reference"><header><h1>{title}</h1>'
        f"{_prose(description['info']['description'])}"
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p></header>'
        f'<nav aria-label="Contents" tabindex="0">{"".join(_contents(tags))}</nav>'
        f"<main>{''.join(_sections(tags))}</main></body>"
    )
    return _page(title, body)


def make_explanation(code: str, meaning: str, hint: str) -> tuple[str, str]:
    """Returns the page about a code, and its Content-Security-Policy."""
    title = escape(code)
    body = (
        f"<body><main><h1>{title}</h1><p>{_inline(meaning)}</p><p>{_inline(hint)}</p></main></body>"
    )
    return _page(title, body)


def _page(title: str, body: str) -> tuple[str, str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>{body}</html>"
    )
    return page, f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def _group(description: Mapping[str, Any]) -> Mapping[str, list[_Operation]]:
    tags: dict[str, list[_Operation]] = {}
    for path, methods in description["paths"].items():
        for method, described in methods.items():
            operation = _Operation(described["operationId"], method.upper(), path, described)
            tags.setdefault(described["tags"][0], []).append(operation)
    return tags


def _contents(tags: Mapping[str, list[_Operation]]) -> Iterator[str]:
    for tag, operations in tags.items():
        links = "".join(
            f'<li><a href="#{one.anchor}">{_inline(one.described["summary"])}</a>'
            for one in operations
        )
        yield f"<h2>{escape(tag)}</h2><ul>{links}</ul>"


def _sections(tags: Mapping[str, list[_Operation]]) -> Iterator[str]:
    for tag, operations in tags.items():
        anchor = f"tag-{re.sub(r'[^a-z0-9]+', '-', tag.lower())}"
        articles = "".join(map(_article, operations))
        yield f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{escape(tag)}</h2>'
        yield f"{articles}</section>"


def _article(operation: _Operation) -> str:
    described = operation.described
    rows = "".join(map(_parameter, described.get("parameters", ())))
    head = '<tr><th scope="col">parameter<th scope="col">in<th scope="col">meaning</tr>'
    table = f"<table>{head}{rows}</table>" if rows else ""
    return (
        f'<article id="{operation.anchor}"><h3><a href="#{operation.anchor}">'
        f'<span class="method">{operation.method}</span> <code>{escape(operation.path)}</code>'
        f"</a></h3><p><strong>{_inline(described['summary'])}.</strong></p>"
        f"{_prose(described.get('description', ''))}{table}{_body(described)}</article>"
    )


def _parameter(parameter: Mapping[str, Any]) -> str:
    need = " (required)" if parameter.get("required") else ""
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{parameter['in']}"
        f"<td>{_inline(parameter.get('description', ''))}{need}</tr>"
    )


def _body(described: Mapping[str, Any]) -> str:
    content = described.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body, for example, as <code>{escape(media)}</code>:</p>"
        f'<pre tabindex="0" aria-label="Example of the body as {escape(media)}" role="region">'
        f"{escape(_example(one))}</pre>"
        for media, one in content.items()
        if "example" in one
    )


def _example(content: Mapping[str, Any]) -> str:
    example = content["example"]
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _prose(text: str) -> str:
    """Returns paragraphs, which an empty line separates."""
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    """Escapes a text; what is between backticks becomes code."""
    return _CODE.sub(r"<code>\1</code>", escape(" ".join(text.split())))
