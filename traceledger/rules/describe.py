"""The page `docs/spec/catalogue.md`, written from catalogue, labels and table of the life cycle.

::

    python -m traceledger.rules.describe > docs/spec/catalogue.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import get_args

from traceledger.events.captions import Section, find_label
from traceledger.events.catalogue import CATALOGUE, CHAIN_FORMS
from traceledger.events.constraints import describe_type
from traceledger.events.encoding import format_canonical
from traceledger.events.fields import Role
from traceledger.events.kind import ANY_ROLE, Kind, RefRule
from traceledger.rules.lifecycle import ANYTIME, PENDING, TABLE, VOIDED

__all__ = ["describe_catalogue"]

_INTRODUCTION = """\
# Catalogue of kinds

This page is written by `python -m traceledger.rules.describe`; a test compares it with the code.
What an event is, and who may read which field, is in [Events](events.md).

A field marked `?` is optional and left out when there is nothing to say. Fields marked *fixed* are
read by the rules: a correction may not touch them. *customs* and *internal* fields stand in the
token as digests only. What pages call a kind, field, state or role, in English and Chinese, stands
beside it.
"""
_COUNTS = {"1": "one", "?": "at most one", "+": "one or more"}
_EVENTS = {
    "first": "its first event",
    "head": "its latest event",
    "target": "an event of this chain",
    "none": "no event",
}
_ROLES = (*get_args(Role), "root", "admin")
_REJECT_CODES = (
    "WATER",
    "BURNT",
    "CRACKED",
    "CONNECTOR",
    "CORROSION",
    "INCOMPLETE",
    "WRONG_PART",
    "NOT_GENUINE",
    "NO_ID",
    "OPENED_BEFORE",
)
_POSITIONS = {"first": "opens it", "later": "goes on with it", "any": "opens it or goes on with it"}


def describe_catalogue() -> str:
    """The page in Markdown: the chains, every kind with its fields and links, the life cycle."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_chains(),
            *(line for kind in CATALOGUE.values() for line in _kind(kind)),
            *_life_cycle(),
            *_words(),
        ]
    )


def _chains() -> Iterator[str]:
    yield "## Chains\n"
    yield from _header("chain", "label", "forms of its ids", "opened by")
    for chain, forms in CHAIN_FORMS.items():
        openers = [
            k.name for k in CATALOGUE.values() if chain in k.chains and k.position != "later"
        ]
        yield _row(chain, _label("chains", chain), ", ".join(sorted(forms)), _code(*openers))
    yield "\nAn `asset` id (`8004/…`) may name a core or a component; its first event decides.\n"
    yield "## Kinds\n"


def _kind(kind: Kind) -> Iterator[str]:
    yield f"### {kind.name}\n"
    yield f"*{_label('kinds', kind.name)}*\n"
    yield f"{(kind.full.__doc__ or '').strip()}\n"
    yield f"- chain: {', '.join(kind.chains)}; {_POSITIONS[kind.position]}"
    by = "any role of a station key" if kind.roles == ANY_ROLE else ", ".join(kind.roles)
    yield f"- by: {by}"
    for rule in kind.refs:
        yield f"- link {_ref(rule)}"
    yield ""
    if not kind.fields:
        yield "No fields.\n"
        return
    yield from _header("field", "label", "reader", "allowed", "meaning", "example")
    for name, field in kind.fields.items():
        shown = f"`{name}`" if name in kind.required else f"`{name}`?"
        reader = f"{field.visibility}, fixed" if field.fixed else field.visibility
        unit = f", {field.unit}" if field.unit else ""
        example = f"`{format_canonical(field.example).decode()}`"
        allowed = describe_type(kind.types[name], members=True)
        label = _label("fields", kind.name, name)
        yield _row(shown, label, reader, allowed, f"{field.description}{unit}", example)
    yield ""


def _ref(rule: RefRule) -> str:
    chains = " or ".join(rule.chains) if rule.chains else "this chain"
    return f"`{rule.name}`: {_COUNTS[rule.count]}, to {chains}, names {_EVENTS[rule.at]}"


def _life_cycle() -> Iterator[str]:
    yield "## Life cycle\n"
    yield "A transition that is not listed is refused. A dash is a chain without events.\n"
    for chain in dict.fromkeys(row.chain for row in TABLE):
        yield f"### Life of a {chain}\n"
        yield from _header("from", "event", "to")
        for row in TABLE:
            if row.chain == chain:
                condition = f" with `{row.field}` {' or '.join(row.values)}" if row.field else ""
                before = ", ".join(state or "–" for state in row.before)
                yield _row(before, f"`{row.kind}`{condition}", row.to)
        yield ""
    anytime = _code(*sorted(ANYTIME))
    yield f"In every state, also while a hold is on: {anytime}. They change no state,"
    yield "but for `confirm` and `void`: see [the rules](events.md#rules-across-chains).\n"
    waiting = ", ".join(f"`{kind}` of a {chain}" for kind, chain in sorted(PENDING))
    yield f"The state changes only when customs confirm: {waiting}.\n"


def _words() -> Iterator[str]:
    states = dict.fromkeys(row.to for row in TABLE)
    tables: tuple[tuple[str, Section, Iterable[str]], ...] = (
        ("state", "states", (*states, VOIDED, "UNKNOWN", "ILLEGAL")),
        ("overlay", "overlays", ("hold_customs", "hold_quality", "recalled", "disputed")),
        ("role", "roles", _ROLES),
        ("reject code", "reject_codes", _REJECT_CODES),
    )
    yield "## Words\n"
    yield "A chain whose first event was taken back is `VOIDED`, one whose first event cannot be"
    yield "judged `UNKNOWN`, one that was opened against the rules `ILLEGAL`. Reject codes are"
    yield "customary; `reject_codes` may hold others.\n"
    for title, section, names in tables:
        yield from _header(title, "English", "中文")
        for name in names:
            label = find_label(section, name)
            yield _row(f"`{name}`", label.en, label.zh)
        yield ""


def _label(section: Section, *path: str) -> str:
    label = find_label(section, *path)
    return f"{label.en} · {label.zh}"


def _header(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(describe_catalogue())
