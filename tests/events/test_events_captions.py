from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from tests.lifetable import STATES
from traceledger.events.captions import Section, find_label
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.keys import Jwk
from traceledger.events.roles import MANAGERS, ROLES, Visibility
from traceledger.identifiers.items import CHAIN_FORMS

ROWS = json.loads(
    resources.files("traceledger.events").joinpath("captions.json").read_text("utf-8")
)
REJECT_CODES = (
    "WATER BURNT CRACKED CONNECTOR CORROSION INCOMPLETE WRONG_PART NOT_GENUINE NO_ID OPENED_BEFORE"
)
Path = tuple[str, ...]


def inside(labelled: Any, path: Path) -> Iterator[tuple[Section, Path]]:
    """Yields the members of a type and the values to choose from."""
    if get_origin(labelled) is Literal:
        words = {value for value in get_args(labelled) if isinstance(value, str)}
        if not words <= set(ROLES) or path[0] == "hold":
            yield from (("values", (*path, value)) for value in words)
    elif isinstance(labelled, type) and issubclass(labelled, msgspec.Struct):
        if labelled is not Jwk:  # its members are named by RFC 7517
            for info in msgspec.structs.fields(labelled):
                yield "fields", (*path, info.encode_name)
                yield from inside(info.type, (*path, info.encode_name))
    else:
        for arm in get_args(labelled):
            yield from inside(arm, path)


def labelled() -> Iterator[tuple[Section, Path]]:
    for kind in CATALOGUE.values():
        yield "kinds", (kind.name,)
        for rule in kind.refs:
            yield "links", (kind.name, rule.name)
        for name in kind.fields:
            yield "fields", (kind.name, name)
            yield from inside(kind.types[name], (kind.name, name))
    states = {state for states in STATES.values() for state in states}
    names: dict[Section, Any] = {
        "chains": CHAIN_FORMS,
        "states": states | {"VOIDED", "UNKNOWN", "ILLEGAL"},
        "overlays": ("hold_customs", "hold_quality", "recalled", "disputed"),
        "roles": (*ROLES, *MANAGERS),
        "readers": get_args(Visibility),
        "reject_codes": REJECT_CODES.split(),
    }
    yield from ((section, (name,)) for section, group in names.items() for name in group)


LABELLED = list(labelled())


@pytest.mark.parametrize("section", get_args(Section))
def test_every_name_has_a_label_in_both_languages(section: Section) -> None:
    paths = [path for other, path in LABELLED if other == section]
    assert paths
    for path in paths:
        label = find_label(section, *path)
        assert label.en != path[-1], path
        assert re.search("[A-Za-z]", label.en), path
        assert re.search("[\u4e00-\u9fff]", label.zh), path


def test_every_label_has_a_name() -> None:
    used: dict[str, set[str]] = {section: set() for section in ROWS}
    for section, path in LABELLED:
        names = [".".join(path[start:]) for start in range(len(path))]
        used[section].add(next(name for name in names if name in ROWS[section]))
    assert used == {section: set(rows) for section, rows in ROWS.items()}


def test_states_of_a_chain_have_different_labels() -> None:
    for states in STATES.values():
        for language in ("en", "zh"):
            assert len({getattr(find_label("states", state), language) for state in states}) == len(
                states
            )


def test_most_specific_label_applies() -> None:
    assert find_label("fields", "destroy", "net_kg").zh == "销毁净重"
    assert find_label("fields", "import", "net_kg").zh == "净重"
    assert find_label("values", "customs_check", "result", "pass").zh == "查验通过"


def test_unknown_name_is_its_own_label() -> None:
    assert find_label("kinds", "polish") == ("polish", "polish")
    assert find_label("values", "inspect", "reject_codes", "SMELL") == ("SMELL", "SMELL")


# The terms on the forms of customs.
@pytest.mark.parametrize(
    ("path", "zh"),
    [
        (("declare_in", "entry_no"), "报关单编号"),
        (("declare_in", "entry_line"), "报关单商品序号"),
        (("declare_in", "list_no"), "保税核注清单编号"),
        (("declare_in", "book_line"), "备案序号（项号）"),
        (("declare_in", "mode"), "监管方式"),
        (("declare_in", "hs10"), "商品编码"),
        (("declare_in", "part_no"), "商品料号"),
        (("declare_in", "quantity"), "申报数量"),
        (("declare_in", "gross_kg"), "毛重"),
        (("declare_in", "origin"), "原产国（地区）"),
        (("declare_in", "consumption_version"), "单耗版本号"),
        (("declare_in", "total", "currency"), "币制"),
        (("declare_in", "dispatch"), "启运国（地区）"),
        (("declare_out", "dispatch"), "运抵国（地区）"),
        (("open_book", "office"), "主管海关"),
        (("gate", "pass_no"), "核放单编号"),
        (("divert", "duty"), "关税"),
        (("destroy", "certificate_sha256"), "销毁证明 SHA-256"),
    ],
)
def test_customs_terms_are_those_of_customs(path: tuple[str, ...], zh: str) -> None:
    assert find_label("fields", *path).zh == zh


@pytest.mark.parametrize(
    ("kind", "zh"),
    [("return", "退运"), ("divert", "内销"), ("destroy", "销毁"), ("writeoff", "报核"),
     ("stocktake", "盘点"), ("recall", "召回"), ("void", "作废"), ("correct", "更正")],
)  # fmt: skip
def test_kinds_have_the_names_of_the_trade(kind: str, zh: str) -> None:
    assert find_label("kinds", kind).zh == zh
