"""Payload types that ask less of their texts, for where those were checked or are checked beside.

A pattern is a call of Python's `re` for each text. An event has about fifteen, and together they
cost several times what the rest of decoding does.
"""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from traceledger.events.payload import Ref, any_of

__all__ = ["Loosen", "loosen_payload"]

Loosen = Callable[[Any], Any]
"""Gives what stands in the place of a type: another one, or the type itself."""


def loosen_payload(wanted: type[msgspec.Struct], claims: Loosen, fields: Loosen) -> Any:
    """The payload type of a kind with other types inside.

    `claims` gives those of the claims, of links and of the digests in `_sd`, `fields` those of the
    public fields; objects in fields stay as they are. Values encode to the same bytes.
    """
    types = _types(wanted)
    data = {
        name: _change(inner, claims if name == "sd" else fields)
        for name, inner in _types(types["data"]).items()
    }
    changed = {name: _change(inner, claims) for name, inner in types.items() if name != "data"}
    return _derive(wanted, changed | {"data": _derive(types["data"], data)})


def _types(wanted: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(wanted, include_extras=True)
    return {field.name: hints[field.name] for field in msgspec.structs.fields(wanted)}


def _change(wanted: Any, loosen: Loosen) -> Any:
    wanted = loosen(wanted)
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return Annotated[_change(parts[0], loosen), *parts[1:]]
    if origin in _CONTAINERS:
        changed = (part if part is ... else _change(part, loosen) for part in parts)
        return GenericAlias(origin, tuple(changed))
    if origin in _UNIONS:
        changed = (_change(part, loosen) for part in parts)
        return any_of(changed)
    if wanted is Ref:
        return _derive(Ref, {name: _change(one, loosen) for name, one in _types(Ref).items()})
    return wanted


def _derive(wanted: type[msgspec.Struct], types: dict[str, Any]) -> Any:
    """The same Struct with these types of its fields."""
    fields = msgspec.structs.fields(wanted)
    settings = wanted.__struct_config__
    return msgspec.defstruct(
        wanted.__name__,
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
        gc=False,  # what was decoded has no cycles
    )


_CONTAINERS = (dict, list, tuple)
_UNIONS = (Union, UnionType)
