"""Descriptions of what a field allows, for error messages and the pages that list all fields."""

from __future__ import annotations

import json
import re
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import printable, quote
from traceledger.identifiers.suggestion import suggest

__all__ = ["describe_type", "refuse_field"]

_REASON = re.compile(r"(?P<what>.*?)(?: - at `(?:key in `)?\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(.*)`")
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")


def describe_type(expected: Any, *, members: bool = False) -> str:
    """Describes the values that a type allows, for example `a list of 1 to 64: an ISO 4217 code`.

    With `members`, also describes what the members of objects allow.
    """
    base, limits = _unwrap(expected)
    origin, arguments = get_origin(base), get_args(base)
    if limits.description is not None:
        return limits.description
    if base is int:
        return f"a whole number from {limits.ge:,} to {limits.le:,}"
    if base is bool:
        return "true or false"
    if base is str:
        return f"text of at most {limits.max_length} characters" if limits.max_length else "text"
    if origin is Literal:
        return ", ".join(json.dumps(value) for value in arguments)
    if origin in {list, tuple}:
        inner = describe_type(arguments[0], members=members)
        least, most = limits.min_length or 0, limits.max_length
        return f"a list of {least} to {most}: {inner}" if most else f"a list: {inner}"
    if origin is dict:
        return "an object of field names and their values"
    if _is_struct(base):
        return f"an object with {', '.join(_members(base, described=members))}"
    return "any value"


def refuse_field(expected: Any, value: Any, reason: str, *, where: str = "") -> MalformedError:
    """Builds the error for a value of the wrong type: which part, its value, what is allowed.

    `reason` is msgspec's message; `where` locates the value, the path inside it is appended.
    """
    match = _REASON.fullmatch(reason)
    what, path = (match["what"], match["path"] or "") if match else (reason, "")
    for member, index in _STEP.findall(path):
        expected = _step(expected, member)
        try:
            value = value[member or int(index)]
        except (LookupError, TypeError):
            break
    if _is_struct(_unwrap(expected)[0]) and isinstance(value, dict):
        # A member is missing or unknown: the reason names it, the other members do not matter.
        message = printable(what, 120)
        if unknown := _UNKNOWN.search(what):
            names = [info.encode_name for info in msgspec.structs.fields(_unwrap(expected)[0])]
            message += suggest(unknown[1], names)
    else:
        message = f"{quote(value)} given"
    dot = "." if where and path and not path.startswith("[") else ""
    return MalformedError(
        "event.field",
        f"{message}; allowed: {describe_type(expected)}",
        where=f"{where}{dot}{printable(path, 120)}",
    )


def _unwrap(expected: Any) -> tuple[Any, msgspec.Meta]:
    """Returns the type without annotations and without UNSET, and its limits."""
    limits = msgspec.Meta()
    while True:
        if get_origin(expected) is Annotated:
            expected, *extras = get_args(expected)
            limits = next((extra for extra in extras if isinstance(extra, msgspec.Meta)), limits)
        elif get_origin(expected) in {Union, UnionType}:
            expected = next(arm for arm in get_args(expected) if arm is not msgspec.UnsetType)
        else:
            return expected, limits


def _is_struct(base: Any) -> bool:
    return isinstance(base, type) and issubclass(base, msgspec.Struct)


def _members(base: Any, *, described: bool) -> list[str]:
    members = []
    for info in msgspec.structs.fields(base):
        name = info.encode_name if info.required else f"{info.encode_name}?"
        members.append(f"{name} ({describe_type(info.type, members=True)})" if described else name)
    return members


def _step(expected: Any, member: str) -> Any:
    """Returns the type of an object's member, or of a list's elements if `member` is empty."""
    base, _ = _unwrap(expected)
    if not member:
        return next(iter(get_args(base)), Any)
    if _is_struct(base):
        for info in msgspec.structs.fields(base):
            if info.encode_name == member:
                return info.type
    return Any
