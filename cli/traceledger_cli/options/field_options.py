"""The fields of a kind as options, derived from the catalogue, and their values as data."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import click

from traceledger.errors import UsageError
from traceledger.events.kind import Kind
from traceledger.identifiers.excerpt import printable

__all__ = ["collect_fields", "field_options", "format_option"]

Function = Callable[..., Any]

_READERS = {
    "public": "",
    "customs": " Readable by customs, the importer and you only.",
    "internal": " Readable by you only.",
}


def field_options(kind: Kind) -> Callable[[Function], Function]:
    """Adds an option for every field of the kind."""

    def add(function: Function) -> Function:
        for name in reversed(kind.fields):
            function = click.option(
                _option(name),
                _parameter(name),
                type=_type(kind.types[name]),
                help=_help(kind, name),
            )(function)
        return function

    return add


def collect_fields(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Collects the given fields; on a terminal, prompts for missing ones.

    Raises UsageError `usage.option`, which lists all missing fields.
    """
    data = {
        name: value for name in kind.fields if (value := parameters[_parameter(name)]) is not None
    }
    missing = [name for name in kind.fields if name in kind.required and name not in data]
    if missing and not sys.stdin.isatty():
        wanted = ", ".join(f"{_option(name)} ({kind.fields[name].description})" for name in missing)
        raise UsageError("usage.option", f"{kind.name} requires {wanted}")
    for name in missing:
        text = f"{kind.fields[name].description}, e.g. {_example(kind, name)}"
        data[name] = click.prompt(text, type=_type(kind.types[name]), err=True)
    return data


def format_option(kind: Kind, name: str) -> list[str]:
    """Returns the field's option and its example, as words of a command line."""
    example = kind.fields[name].example
    return [_option(name), example if isinstance(example, str) else _json(example)]


class _JsonType(click.ParamType[Any]):
    """A value as JSON."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the value; the library checks its type."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            self.fail(
                f"{printable(value, 60)} is not JSON; see the example in --help: {error}",
                param,
                ctx,
            )


class _FlagType(click.ParamType[bool]):
    """true or false."""

    name = "true|false"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Returns the value."""
        if value in {True, "true"}:
            return True
        if value in {False, "false"}:
            return False
        return self.fail(
            f"{printable(str(value), 60)} is not allowed; allowed: true, false", param, ctx
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parameter(name: str) -> str:
    return f"field_{name}"


def _base(wanted: Any) -> Any:
    while get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    return wanted


def _type(wanted: Any) -> click.ParamType[Any]:
    base = _base(wanted)
    if base is str:
        return click.STRING
    if base is int:
        return click.INT
    if base is bool or (get_origin(base) is Literal and get_args(base) == (True,)):
        return _FlagType()
    if get_origin(base) is Literal:
        return click.Choice([str(value) for value in get_args(base)])
    return _JsonType()


def _help(kind: Kind, name: str) -> str:
    field = kind.fields[name]
    what = f"{field.description[0].upper()}{field.description[1:]}"
    unit = f" in {field.unit}" if field.unit else ""
    needed = "  [required]" if name in kind.required else ""
    return f"{what}{unit}, e.g. {_example(kind, name)}.{_READERS[field.visibility]}{needed}"


def _example(kind: Kind, name: str) -> str:
    return shlex.join(format_option(kind, name)[1:])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
