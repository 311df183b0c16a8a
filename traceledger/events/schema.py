"""JSON Schemas (draft 2020-12) of drafts and of the data in tokens, generated from the catalogue.

In addition to the standard keywords, each field has `x-label-zh`, `x-visibility`, `x-unit` and
`x-fixed`, each draft `x-chains`, `x-signers` and `x-links`. The schemas do not cover the further
checks on acceptance, for example that a country exists.
"""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.events.captions import find_label
from traceledger.events.fields import EventId
from traceledger.events.kind import Kind, RefRule

__all__ = ["data_schema", "draft_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EVENT_ID = msgspec.json.schema(EventId)
# The minimum and maximum number of links of one name (None: no limit but that of an event).
_COUNTS: dict[str, tuple[int, int | None]] = {"1": (1, 1), "?": (0, 1), "+": (1, None)}


def draft_schema(kind: Kind) -> dict[str, Any]:
    """Builds the schema of a draft of this kind, with restricted fields in the clear."""
    fields, definitions = _fields(kind, list(kind.fields))
    properties: dict[str, Any] = {
        "kind": {"const": kind.name},
        "item": {"type": "string", "description": "id of the item"},
        "occurred": {"type": "string", "description": "when it happened; defaults to now"},
        "site": {"type": "string", "description": "where: a GLN or site code"},
    }
    if kind.refs:
        properties["refs"] = _refs(kind.refs)
    properties["data"] = _object(fields, sorted(kind.required))
    required = ["kind", "item", "data"]
    if any(_COUNTS[rule.count][0] for rule in kind.refs):
        required.append("refs")
    return _document(kind, f"Draft: {find_label('kinds', kind.name).en}", definitions) | {
        **_object(properties, required),
        "x-chains": list(kind.chains),
        "x-signers": list(kind.roles),
        "x-links": [
            {"as": rule.name, "chains": list(rule.chains), "at": rule.at, "count": rule.count}
            for rule in kind.refs
        ],
    }


def data_schema(kind: Kind) -> dict[str, Any]:
    """Builds the schema of `data` in a token: public fields, and digests of the others."""
    names = [name for name in kind.fields if name not in kind.restricted]
    properties, definitions = _fields(kind, names)
    required = sorted(kind.required - kind.restricted)
    if kind.restricted:
        digests = {name: _EVENT_ID | _about(kind, name) for name in sorted(kind.restricted)}
        required_digests = sorted(kind.required_restricted)
        properties["_sd"] = _object(digests, required_digests) | {"minProperties": 1}
        if kind.required_restricted:
            required.append("_sd")
    title = f"Token data: {find_label('kinds', kind.name).en}"
    return _document(kind, title, definitions) | _object(properties, required)


def _document(kind: Kind, title: str, definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": _DIALECT,
        "title": title,
        "description": (kind.full.__doc__ or "").strip(),
        "x-label-zh": find_label("kinds", kind.name).zh,
        "$defs": definitions,
    }


def _fields(kind: Kind, names: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Builds the schemas of these fields and of the objects that they refer to."""
    schemas, definitions = msgspec.json.schema_components(
        [kind.types[name] for name in names], ref_template="#/$defs/{name}"
    )
    fields = {}
    for name, schema in zip(names, schemas, strict=True):
        examples = {"examples": [kind.fields[name].example]}
        fields[name] = schema | _about(kind, name) | examples
    return fields, definitions


def _about(kind: Kind, name: str) -> dict[str, Any]:
    field, label = kind.fields[name], find_label("fields", kind.name, name)
    about: dict[str, Any] = {
        "title": label.en,
        "description": field.description,
        "x-label-zh": label.zh,
        "x-visibility": field.visibility,
    }
    if field.unit:
        about["x-unit"] = field.unit
    if field.fixed:
        about["x-fixed"] = True
    return about


def _refs(rules: tuple[RefRule, ...]) -> dict[str, Any]:
    link = _object(
        {
            "as": {"enum": [rule.name for rule in rules]},
            "item": {"type": "string", "description": "id of the linked item"},
            "event": _EVENT_ID | {"description": "the linked event; looked up if omitted"},
        },
        ["as", "item"],
    )
    counts = [_count(rule) for rule in rules]
    return {"type": "array", "items": link, "minItems": 1, "maxItems": 129, "allOf": counts}


def _count(rule: RefRule) -> dict[str, Any]:
    least, most = _COUNTS[rule.count]
    named = {"properties": {"as": {"const": rule.name}}}
    counted: dict[str, Any] = {"contains": named, "minContains": least}
    return counted if most is None else counted | {"maxContains": most}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
