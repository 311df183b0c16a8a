"""Checks beyond the form when an event is signed or appended: codes, dates, check digits, shares.

These checks guard the writing of new events. They are not rules of the log: a verifier in another
year has other lists of countries, so it does not repeat them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.constraints import refuse_field
from traceledger.events.fields import Country, Currency, Date, Fraction, Gln, Prefix, Sscc, Time
from traceledger.events.kind import Kind
from traceledger.identifiers.decimals import compare_decimals
from traceledger.identifiers.excerpt import printable, quote
from traceledger.identifiers.gs1 import check_digit
from traceledger.identifiers.items import is_prefix
from traceledger.identifiers.values import check_country, check_currency, check_time

__all__ = ["MAX_AHEAD", "check_acceptance", "check_correction"]

MAX_AHEAD = 300  # seconds that a signer's clock may be ahead of the ledger's

_Check = Callable[[Any], object]


def check_acceptance(
    kind: Kind, values: Mapping[str, Any], *, iat: int, occurred: str, now: float
) -> None:
    """Checks the values of all known fields, public and restricted alike.

    A value may be UNSET. `iat` and `now` are seconds since 1970. Raises MalformedError `value.*`,
    `item.*` or `event.future`.
    """
    if iat > now + MAX_AHEAD:
        raise MalformedError(
            "event.future", f"signed {iat - int(now)} seconds ahead of the ledger's clock"
        )
    try:
        check_time(occurred)
    except MalformedError as error:
        raise error.at("occurred") from None
    for name, value in values.items():
        _check_value(kind, name, value)


def check_correction(target: Kind, values: Mapping[str, Any]) -> None:
    """Checks what a `correct` event sets, in all three visibilities, against its target's kind.

    `values` are the fields of the correction. Which public fields may be corrected at all is a
    rule of the log; restricted values are visible only when an event is accepted. Raises
    MalformedError `event.field` or `value.*`.
    """
    for visibility in ("public", "customs", "internal"):
        allowed = [n for n, field in target.fields.items() if field.visibility == visibility]
        for name, value in values.get(f"set_{visibility}", {}).items():
            where = f"set_{visibility}.{printable(name, 64)}"
            if name not in allowed:
                raise MalformedError(
                    "event.field",
                    f"{target.name} has no such {visibility} field;"
                    f" allowed: {', '.join(allowed) or 'none'}",
                    where=where,
                )
            try:
                converted = msgspec.convert(value, target.types[name])
            except msgspec.ValidationError as error:
                raise refuse_field(target.types[name], value, str(error), where=where) from error
            _check_value(target, name, converted)


def _check_value(kind: Kind, name: str, value: Any) -> None:
    check = _field_check(kind, name)
    if check is not None and value is not msgspec.UNSET:
        try:
            check(value)
        except MalformedError as error:
            raise error.at(name) from None


@functools.lru_cache(maxsize=1024)
def _field_check(kind: Kind, name: str) -> _Check | None:
    return _type_check(kind.types[name])


def _type_check(hint: Any) -> _Check | None:
    """Returns the check for values of a type, or None if its form suffices."""
    for named, named_check in _NAMED:
        if hint == named:
            return named_check
    if get_origin(hint) is Annotated:
        return _type_check(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct_check(hint)
    inner = [check for arm in get_args(hint) if (check := _type_check(arm)) is not None]
    if not inner:
        return None
    return _list_check(inner[0]) if get_origin(hint) is list else inner[0]


def _struct_check(struct: type[msgspec.Struct]) -> _Check | None:
    checks = [
        (info.name, check)
        for info in msgspec.structs.fields(struct)
        if (check := _type_check(info.type)) is not None
    ]

    def check_struct(value: Any) -> None:
        for name, check in checks:
            inner = getattr(value, name)
            if inner is not msgspec.UNSET:
                check(inner)

    return check_struct if checks else None


def _list_check(check: _Check) -> _Check:
    def check_list(values: Any) -> None:
        for value in values:
            check(value)

    return check_list


def _check_date(text: str) -> None:
    try:
        check_time(f"{text}T00:00:00Z")
    except MalformedError as error:
        raise MalformedError(
            "value.time",
            f"{quote(text)} is not a calendar date",
            hint="Write an existing date as YYYY-MM-DD.",
        ) from error


def _check_prefix(text: str) -> None:
    if not is_prefix(text):
        raise MalformedError(
            "item.form",
            f"{quote(text)} is not the beginning of an item id such as 01/0952123",
        )


def _check_last_digit(text: str) -> None:
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise MalformedError(
            "item.check-digit", f"{text} ends in {text[-1]}; the check digit is {expected}"
        )


def _check_fraction(text: str) -> None:
    if compare_decimals(text, "1") > 0:
        raise MalformedError(
            "value.fraction", f"{quote(text)} is more than 1; allowed: a fraction of one"
        )


_NAMED: tuple[tuple[Any, _Check], ...] = (
    (Country, check_country),
    (Currency, check_currency),
    (Time, check_time),
    (Date, _check_date),
    (Prefix, _check_prefix),
    (Fraction, _check_fraction),
    (Gln, _check_last_digit),
    (Sscc, _check_last_digit),
)
