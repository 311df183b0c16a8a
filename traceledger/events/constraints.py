"""What a field allows, in words: for error messages and for the pages that list all fields."""

from __future__ import annotations

import json
import re
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.encoding import printable, quote

__all__ = ["describe_type", "refuse_field"]

_REASON = re.compile(r"(?P<what>.*?)(?: - at `(?:key in `)?\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")


def describe_type(wanted: Any, *, members: bool = False) -> str:
    """Says which values a type allows, for example `a list of 1 to 64: an ISO 4217 code`.

    With `members` it also says what the members of objects allow.
    """
    base, limits = _unwrap(wanted)
    origin, arguments = get_origin(base), get_args(base)
    if limits.description is not None:
        return limits.description
    if base is int:
        return f"a whole number from {limits.ge:,} to {limits.le:,}"
    if base is bool:
        return "true or false"
    if base is str:
        return f"text of at most {limits.max_length} characters"
    if origin is Literal:
        return ", ".join(json.dumps(value) for value in arguments)
    if origin in {list, tuple}:
        inner = describe_type(arguments[0], members=members)
        return f"a list of {limits.min_length or 0} to {limits.max_length}: {inner}"
    if origin is dict:
        return "an object of field names and their values"
    if _is_struct(base):
        return f"an object with {', '.join(_members(base, described=members))}"
    return "any value"


def refuse_field(wanted: Any, given: Any, reason: str, *, where: str = "") -> MalformedError:
    """The error for a value that does not fit its type: which part, what was given, what may be.

    `reason` is msgspec's message; `where` names the value, the part inside it is added.
    """
    found = _REASON.fullmatch(reason)
    what, path = (found["what"], found["path"] or "") if found else (reason, "")
    for member, index in _STEP.findall(path):
        wanted = _step(wanted, member)
        try:
            given = given[member or int(index)]
        except (LookupError, TypeError):
            break
    if _is_struct(_unwrap(wanted)[0]) and isinstance(given, dict):
        # One member is missing or unknown: the reason names it, the others are no news.
        message = printable(what, 120)
    else:
        message = f"{quote(given)} given"
    dot = "." if where and path and not path.startswith("[") else ""
    return MalformedError(
        "event.field",
        f"{message}; allowed: {describe_type(wanted)}",
        where=f"{where}{dot}{printable(path, 120)}",
    )


def _unwrap(wanted: Any) -> tuple[Any, msgspec.Meta]:
    """The type without annotations and without the arm for "absent", and its limits."""
    limits = msgspec.Meta()
    while True:
        if get_origin(wanted) is Annotated:
            wanted, *extras = get_args(wanted)
            limits = next((extra for extra in extras if isinstance(extra, msgspec.Meta)), limits)
        elif get_origin(wanted) in {Union, UnionType}:
            wanted = next(arm for arm in get_args(wanted) if arm is not msgspec.UnsetType)
        else:
            return wanted, limits


def _is_struct(base: Any) -> bool:
    return isinstance(base, type) and issubclass(base, msgspec.Struct)


def _members(base: Any, *, described: bool) -> list[str]:
    found = []
    for info in msgspec.structs.fields(base):
        name = info.encode_name if info.required else f"{info.encode_name}?"
        found.append(f"{name} ({describe_type(info.type, members=True)})" if described else name)
    return found


def _step(wanted: Any, member: str) -> Any:
    """The type of a member of an object, or of the elements of a list when `member` is empty."""
    base, _ = _unwrap(wanted)
    if not member:
        return next(iter(get_args(base)), Any)
    if _is_struct(base):
        for info in msgspec.structs.fields(base):
            if info.encode_name == member:
                return info.type
    return Any
