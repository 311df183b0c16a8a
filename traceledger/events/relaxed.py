"""Payload types with fewer constraints on texts, for code that checks the texts elsewhere.

Each pattern calls Python's `re` once per text. An event has about fifteen texts, and matching them
costs several times as much as the rest of decoding.
"""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from traceledger.events.payload import Ref, any_of

__all__ = ["Loosen", "loosen_claims", "loosen_payload"]

Loosen = Callable[[Any], Any]
"""Returns the replacement for a type: another type, or the type itself."""


def loosen_payload(struct: type[msgspec.Struct], claims: Loosen, fields: Loosen) -> Any:
    """Derives a payload type with other types inside.

    `claims` replaces the types of claims, links and the digests in `_sd`, `fields` those of public
    fields; objects in fields are unchanged. Values encode to the same bytes.
    """
    types = _types(struct)
    data = {
        name: _change(inner, claims if name == "sd" else fields)
        for name, inner in _types(types["data"]).items()
    }
    changed = {name: _change(inner, claims) for name, inner in types.items() if name != "data"}
    return _derive(struct, changed | {"data": _derive(types["data"], data)})


def loosen_claims(struct: type[msgspec.Struct]) -> Any:
    """Derives a payload type that leaves texts unchecked and `data` as JSON."""
    changed = {name: _change(inner, _any_text) for name, inner in _types(struct).items()}
    return _derive(struct, changed | {"data": msgspec.Raw})


def _any_text(hint: Any) -> Any:
    return str if get_origin(hint) is Annotated and get_args(hint)[0] is str else hint


def _types(struct: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(struct, include_extras=True)
    return {field.name: hints[field.name] for field in msgspec.structs.fields(struct)}


def _change(hint: Any, loosen: Loosen) -> Any:
    hint = loosen(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[_change(parts[0], loosen), *parts[1:]]
    if origin in _CONTAINERS:
        changed = (part if part is ... else _change(part, loosen) for part in parts)
        return GenericAlias(origin, tuple(changed))
    if origin in _UNIONS:
        changed = (_change(part, loosen) for part in parts)
        return any_of(changed)
    if hint is Ref:
        return _derive(Ref, {name: _change(inner, loosen) for name, inner in _types(Ref).items()})
    return hint


def _derive(struct: type[msgspec.Struct], types: dict[str, Any]) -> Any:
    """Derives the same Struct with other field types."""
    fields = msgspec.structs.fields(struct)
    settings = struct.__struct_config__
    return msgspec.defstruct(
        struct.__name__,
        [
            (field.name, types[field.name], *(() if field.required else (field.default,)))
            for field in fields
        ],
        rename={field.name: field.encode_name for field in fields},
        tag_field=settings.tag_field,
        tag=settings.tag,
        forbid_unknown_fields=settings.forbid_unknown_fields,
        omit_defaults=settings.omit_defaults,
        kw_only=True,
        frozen=True,
        gc=False,  # decoded values have no cycles
    )


_CONTAINERS = (dict, list, tuple)
_UNIONS = (Union, UnionType)
