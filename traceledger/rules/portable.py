"""The catalogue and the life cycle as one JSON document, for verifiers in other languages.

::

    python -m traceledger.rules.portable > api/traceledger_api/static/catalogue.json

It contains everything that is data: chains, kinds, their signers, links and fields, the table of
the life cycle, and the constants of the rules. docs/spec/events.md specifies the rules that are
code.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.kind import Kind
from traceledger.events.roles import MANAGERS
from traceledger.identifiers.items import AUTHORITY, CHAIN_FORMS
from traceledger.rules.authority import MAKER_KINDS
from traceledger.rules.goods import LOT_CLASSES, STOPPED_BY_RECALL
from traceledger.rules.grants import SEPARATE_ROLES
from traceledger.rules.lifecycle import ANYTIME, PENDING, TABLE
from traceledger.rules.links import DRAWN, MAX_DEPTH, SOURCES, WEIGHED
from traceledger.rules.targets import ABOUT_OTHERS, CONFIRMERS, LASTING

__all__ = ["format_catalogue"]

Texts = dict[str, dict[str, Any]]


def format_catalogue() -> str:
    """Formats the document as JSON text, one line for each kind, text and row of the life cycle.

    The allowed values of a field are ``{"text": name}``, a name in ``texts``; ``{"integer": [least,
    most]}``; ``{"boolean": true}``; ``{"one": [values]}``; ``{"list": allowed, "min": n, "max":
    n}``; ``{"object": {name: allowed}, "required": [names]}``; ``{"map": allowed, "names":
    allowed, "min": n, "max": n}``; or ``{"any": true}``. Patterns mean the same in Python and
    JavaScript; lengths are in code points.
    """
    texts: Texts = {}
    kinds = [_member(kind.name, _kind(kind, texts)) for kind in CATALOGUE.values()]
    members = {
        "chains": _object(_member(name, sorted(forms)) for name, forms in CHAIN_FORMS.items()),
        "texts": _object(_member(name, text) for name, text in texts.items()),
        "kinds": _object(kinds),
        "anytime": _line(sorted(ANYTIME)),
        "pending": _line(sorted(PENDING)),
        "authority": _line(AUTHORITY),
        "managers": _line(MANAGERS),
        "separate_roles": _line(sorted(SEPARATE_ROLES)),
        "maker_kinds": _line(sorted(MAKER_KINDS)),
        "confirmers": _object(_member(name, sorted(by)) for name, by in CONFIRMERS.items()),
        "about_others": _line(sorted(ABOUT_OTHERS)),
        "lasting": _line(sorted(LASTING)),
        "lot_classes": _line(dict(LOT_CLASSES)),
        "stopped_by_recall": _line(sorted(STOPPED_BY_RECALL)),
        "drawn": _line(dict(DRAWN)),
        "weighed": _line(dict(WEIGHED)),
        "sources": _line(sorted(SOURCES)),
        "max_depth": _line(MAX_DEPTH),
        "life": f"[\n{_lines(_line(row._asdict()) for row in TABLE)}\n]",
    }
    return _object(f"{_line(name)}: {value}" for name, value in members.items()) + "\n"


def _kind(kind: Kind, texts: Texts) -> dict[str, Any]:
    links = [
        {"as": rule.name, "chains": rule.chains, "at": rule.at, "count": rule.count}
        for rule in kind.refs
    ]
    fields = {
        name: {
            "reader": field.visibility,
            "fixed": field.fixed,
            "required": name in kind.required,
            "allowed": _allowed(inspect.type_info(kind.types[name]), texts),
        }
        for name, field in kind.fields.items()
    }
    return {
        "chains": kind.chains,
        "position": kind.position,
        "by": kind.roles,
        "links": links,
        "fields": fields,
    }


def _allowed(given: inspect.Type, texts: Texts) -> dict[str, Any]:
    """Describes the values that a type allows, as in `format_catalogue`; adds to `texts`."""
    match given:
        case inspect.Metadata(type=inspect.StrType(pattern=pattern, max_length=most) as text):
            name = (given.extra_json_schema or {})["description"]
            limits: dict[str, Any] = {"pattern": _for_javascript(pattern or "")}
            if most is not None:
                limits["max"] = most
            if texts.setdefault(name, limits) != limits:
                raise TypeError(f"two forms of {name}: {texts[name]} and {text}")
            return {"text": name}
        case inspect.Metadata(type=inner):
            return _allowed(inner, texts)
        case inspect.IntType(ge=least, le=most):
            return {"integer": [least, most]}
        case inspect.BoolType():
            return {"boolean": True}
        case inspect.LiteralType(values=values):
            return {"one": list(values)}
        case inspect.ListType(item_type=item, min_length=least, max_length=most):
            return {"list": _allowed(item, texts), "min": least or 0, "max": most}
        case inspect.DictType(key_type=key, value_type=value, min_length=least, max_length=most):
            bounds = {"min": least or 0, "max": most}
            return {"map": _allowed(value, texts), "names": _allowed(key, texts)} | bounds
        case inspect.StructType(fields=fields):
            members = {one.encode_name: _allowed(_present(one.type), texts) for one in fields}
            return {"object": members, "required": [f.encode_name for f in fields if f.required]}
        case inspect.AnyType():
            return {"any": True}
    raise TypeError(f"no words for {given}")


def _for_javascript(pattern: str) -> str:
    r"""Writes the escapes of characters beyond U+FFFF as JavaScript does, as `\u{20000}`."""
    return re.sub(r"\\U0*([0-9a-f]+)", r"\\u{\1}", pattern)


def _present(given: inspect.Type) -> inspect.Type:
    """The type of an optional member when it is there."""
    if isinstance(given, inspect.UnionType):
        return next(one for one in given.types if one != inspect.type_info(msgspec.UnsetType))
    return given


def _object(members: Iterable[str]) -> str:
    return f"{{\n{_lines(members)}\n}}"


def _lines(lines: Iterable[str]) -> str:
    return ",\n".join(lines)


def _member(name: str, value: Any) -> str:
    return f"{_line(name)}: {_line(value)}"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(format_catalogue())
