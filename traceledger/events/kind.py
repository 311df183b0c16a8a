"""The declaration of a kind of event: its chains, signers, links and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from traceledger.events.fields import EventId, Field, Name, Struct
from traceledger.events.roles import KeyRole
from traceledger.identifiers.items import Chain

__all__ = ["ANY_ROLE", "Digests", "Kind", "RefRule", "kind", "ref"]

Position = Literal["first", "later", "any"]
At = Literal["first", "head", "target", "none"]
Count = Literal["1", "?", "+"]
Signer = KeyRole | Literal["*"]

ANY_ROLE: tuple[Signer, ...] = ("*",)
"""Whoever has a role of a station key."""
# The value of `_sd`: each restricted field's name and the digest of its disclosure.
Digests = Annotated[dict[Name, EventId], msgspec.Meta(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class RefRule:
    """A type of link to another chain.

    `at` determines which event of that chain the link names: its first, its head at that moment,
    any event of the same chain (`target`), or none because the chain has no event yet. `count` is
    the number of links required: exactly one, at most one (`?`), one or more (`+`).
    """

    name: str
    chains: tuple[Chain, ...]
    at: At
    count: Count


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """An entry of the catalogue.

    `links` are the `refs` by name. `full` is the Struct as people write it, restricted fields in
    the clear; `attributes` maps each field to its attribute. `data` is the Struct in a token, with
    the digests of the `restricted` fields in `_sd`. An `open` kind has fields with values of any
    type, so typed parsing alone does not bound them.
    """

    name: str
    chains: tuple[Chain, ...]
    position: Position
    roles: tuple[Signer, ...]
    refs: tuple[RefRule, ...]
    links: Mapping[str, RefRule]
    full: type[Struct]
    attributes: Mapping[str, str]
    fields: dict[str, Field]
    types: dict[str, Any]
    required: frozenset[str]
    data: type[Struct]
    restricted: frozenset[str]
    required_restricted: frozenset[str]
    open: bool


def ref(name: str, *chains: Chain, at: At, count: Count = "1") -> RefRule:
    """Declares a link named `name` to an item of one of the given chains."""
    return RefRule(name, chains, at, count)


def kind(
    name: str,
    full: type[Struct],
    *,
    chains: tuple[Chain, ...],
    by: tuple[Signer, ...],
    position: Position = "later",
    refs: tuple[RefRule, ...] = (),
) -> Kind:
    """Declares a kind and derives from its Struct what a token may contain."""
    hints = get_type_hints(full, include_extras=True)
    fields: dict[str, Field] = {}
    types: dict[str, Any] = {}
    required: set[str] = set()
    infos = msgspec.structs.fields(full)
    for info in infos:
        fields[info.encode_name], types[info.encode_name] = _split(hints[info.name])
        if info.required:
            required.add(info.encode_name)
    restricted = frozenset(n for n, field in fields.items() if field.visibility != "public")
    return Kind(
        name=name,
        chains=chains,
        position=position,
        roles=by,
        refs=refs,
        links=MappingProxyType({rule.name: rule for rule in refs}),
        full=full,
        attributes=MappingProxyType({info.encode_name: info.name for info in infos}),
        fields=fields,
        types=types,
        required=frozenset(required),
        data=_token_data(name, fields, types, required),
        restricted=restricted,
        required_restricted=restricted & required,
        open=any(_allows_any(hint) for hint in types.values()),
    )


def _split(hint: Any) -> tuple[Field, Any]:
    """Separates an annotation into its Field and the value's own type."""
    if get_origin(hint) is not Annotated:
        # An optional field is written `Annotated[...] | UnsetType`: look inside the union.
        inner = [arm for arm in get_args(hint) if arm is not msgspec.UnsetType]
        return _split(inner[0])
    base, *extras = get_args(hint)
    (field,) = (extra for extra in extras if isinstance(extra, Field))
    rest = [extra for extra in extras if not isinstance(extra, Field)]
    return field, Annotated[base, *rest] if rest else base


def _allows_any(hint: Any) -> bool:
    return hint is Any or any(_allows_any(inner) for inner in get_args(hint))


def _token_data(
    name: str, fields: dict[str, Field], types: dict[str, Any], required: set[str]
) -> type[Struct]:
    members: list[Any] = []
    for field_name, field in fields.items():
        if field.visibility == "public":
            hint, attribute = types[field_name], _ATTRIBUTES.get(field_name, field_name)
            if field_name in required:
                members.append((attribute, hint))
            else:
                members.append((attribute, hint | msgspec.UnsetType, msgspec.UNSET))
    restricted = {n for n, f in fields.items() if f.visibility != "public"}
    if restricted & required:
        members.append(("sd", Digests))
    elif restricted:
        members.append(("sd", Digests | msgspec.UnsetType, msgspec.UNSET))
    data: Any = msgspec.defstruct(
        f"{name}_data", members, bases=(Struct,), rename=_RENAMED, kw_only=True, frozen=True
    )
    return data  # type: ignore[no-any-return]  # defstruct does not keep its base


# Names in tokens that cannot be attributes in Python.
_ATTRIBUTES = {"class": "class_"}
_RENAMED = {"sd": "_sd", "class_": "class"}
