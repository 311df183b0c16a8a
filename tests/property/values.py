"""Values of every kind's fields for hypothesis, drawn from the types themselves."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from tests.world import jwk, make_signer
from traceledger.events import fields
from traceledger.events.kind import Kind
from traceledger.identifiers.characters import CODE_CHARACTER, TEXT_CHARACTER
from traceledger.identifiers.gs1 import check_digit

__all__ = ["data_of", "value_of"]

_COUNTRIES = st.sampled_from(["CHN", "DEU", "USA", "ARE", "MEX"])
_DATES = st.dates(date(1990, 1, 1), date(2199, 12, 31)).map(lambda day: day.isoformat())
_VISIBLE = st.characters(exclude_categories=["C", "Zl", "Zp"])
_TEXT_CHARACTERS = _VISIBLE.filter(re.compile(TEXT_CHARACTER).fullmatch)
_CODE_CHARACTERS = _VISIBLE.filter(re.compile(CODE_CHARACTER).fullmatch)


def _with_check_digit(length: int) -> st.SearchStrategy[str]:
    digits = st.text("0123456789", min_size=length - 1, max_size=length - 1)
    return digits.map(lambda text: text + check_digit(text))


# What acceptance requires beyond the form: countries, dates, check digits and shares that exist.
_REAL: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (fields.Country, _COUNTRIES),
    (fields.Currency, st.sampled_from(["CNY", "EUR", "USD", "JPY"])),
    (fields.Date, _DATES),
    (
        fields.Time,
        st.builds(
            "{}T{:02}:{:02}:{:02}{}{}".format,
            _DATES,
            st.integers(0, 23),
            st.integers(0, 59),
            st.integers(0, 59),
            st.sampled_from(["", ".000", ".123"]),
            st.sampled_from(["Z", "+08:00", "-05:30"]),
        ),
    ),
    (fields.Text, st.text(_TEXT_CHARACTERS, min_size=1, max_size=500)),
    (fields.Short, st.text(_TEXT_CHARACTERS, min_size=1, max_size=64)),
    (
        fields.Code,
        st.text(_CODE_CHARACTERS, min_size=1, max_size=64).map(
            lambda text: " ".join(text.split()) or "0"
        ),
    ),
    (fields.Gln, _with_check_digit(13)),
    (fields.Sscc, _with_check_digit(18)),
    (fields.Prefix, st.sampled_from(["01/0952123", "8004/95", "lot/", "x/core/A"])),
    (fields.Fraction, st.decimals(0, 1, places=3).map(lambda one: f"{one:f}")),
    (fields.SignedDecimal, st.decimals(-999, 999, places=3).map(lambda one: f"{one:f}")),
]
_REAL_BY_PATTERN = {
    one.extra_json_schema["description"]: strategy
    for named, strategy in _REAL
    if isinstance(one := inspect.type_info(named), inspect.Metadata) and one.extra_json_schema
}
# Any text that canonical JSON may hold, which is all but U+0000.
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
_PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def value_of(wanted: Any) -> st.SearchStrategy[Any]:
    """Values of a type as plain JSON."""
    return _strategy(inspect.type_info(wanted))


def data_of(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """All that a draft of this kind may hold in `data`; optional fields come and go."""
    return st.fixed_dictionaries(
        {name: value_of(kind.types[name]) for name in sorted(kind.required)},
        optional={
            name: value_of(kind.types[name]) for name in sorted(kind.fields.keys() - kind.required)
        },
    )


def _strategy(given: inspect.Type) -> st.SearchStrategy[Any]:
    match given:
        case inspect.Metadata(type=inspect.StrType(pattern=pattern, max_length=most)):
            described = (given.extra_json_schema or {}).get("description", "")
            if described in _REAL_BY_PATTERN:
                return _REAL_BY_PATTERN[described]
            assert pattern is not None
            texts = st.from_regex(pattern.replace(r"(?!\n)$", r"\Z"), fullmatch=True)
            return texts if most is None else texts.map(lambda text: text[:most])
        case inspect.Metadata(type=inner):
            return _strategy(inner)
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.BoolType():
            return st.booleans()
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.ListType(item_type=item, min_length=least):
            return st.lists(_strategy(item), min_size=least or 0, max_size=3)
        case inspect.DictType(key_type=key, min_length=least):
            return st.dictionaries(_strategy(key), _PLAIN, min_size=least or 0, max_size=3)
        case inspect.StructType(cls=cls) if cls.__name__ == "Jwk":
            return st.sampled_from([jwk(make_signer(name).key) for name in ("a", "b", "c")])
        case inspect.StructType(fields=members):
            required = {one.encode_name: _member(one) for one in members if one.required}
            optional = {one.encode_name: _member(one) for one in members if not one.required}
            made = st.fixed_dictionaries(required, optional=optional)
            return made.filter(bool) if given.cls.__name__ == "Tolerances" else made
    raise TypeError(f"no values of {given}")


def _member(one: inspect.Field) -> st.SearchStrategy[Any]:
    if isinstance(one.type, inspect.UnionType):
        unset = inspect.type_info(msgspec.UnsetType)
        return _strategy(next(arm for arm in one.type.types if arm != unset))
    return _strategy(one.type)
