from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import pytest

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.encoding import MAX_INTEGER, format_canonical
from traceledger.events.kind import Kind
from traceledger.identifiers.items import CHAIN_FORMS

_LINE = (
    "entry_no? entry_line? list_no list_line book_line mode hs10 goods_name part_no? quantity unit"
    " net_kg gross_kg? total dispatch? transport? container? contract? consumption_version?"
    " receipt_sha256 declared_at documents?"
)

# By kind: public, customs and internal fields; a question mark marks optional ones.
FIELDS = {
    "found": ("name log_vkey root_jwk possession rules continues?", "", ""),
    "set_policy": ("values", "", ""),
    "admit": ("name roles prefixes admin_jwk possession gln?", "registration?", ""),
    "profile": ("name_latin? name_local? address? phone? email? web?", "", ""),
    "add_key": ("jwk roles possession", "", "label"),
    "revoke_key": ("reason compromised_since?", "", ""),
    "open_book": ("class started", "number office", ""),
    "declare_in": (
        "origin",
        _LINE,
        "",
    ),
    "declare_out": (
        "destination",
        _LINE,
        "",
    ),
    "import": (
        "category part_no make? origin surplus? former?",
        "unit_value net_kg",
        "old_serial? pallet?",
    ),
    "receive": ("result condition", "seal_intact? location? net_kg?", "photo?"),
    "inspect": ("grade reject_codes? identity_match?", "", "notes?"),
    "clean": ("method result?", "residue_kg?", "duration_s?"),
    "diagnose": ("trouble_codes result protocol? software?", "", "vin_hash? mileage_km?"),
    "repair": ("action faults replaced", "new_parts?", "minutes?"),
    "update": (
        "from_version to_version image_sha256 personal_data_erased",
        "licence?",
        "tool?",
    ),
    "calibrate": (
        "calibration_id verification_number? result equipment",
        "",
        "parameters?",
    ),
    "assemble": (
        "part_no input_count production_date reman_cycle?",
        "bom? new_parts? net_kg",
        "",
    ),
    "consume": ("", "", ""),
    "test": ("plan results overall equipment run", "", "raw_sha256?"),
    "approve": (
        "decision standards warranty certificate_sha256? fits? installation? document?",
        "deviation?",
        "",
    ),
    "pack": ("label_text remanufacturer batch tamper_label? photos?", "sscc? gross_kg?", ""),
    "export": (
        "destination departed_at",
        "transport container? container_seal?",
        "consignee?",
    ),
    "return": ("reason", "quantity net_kg destination receipt_sha256", ""),
    "confirm": ("result", "receipt_sha256?", ""),
    "hold": ("authority", "reason? case?", ""),
    "recall": ("campaign criteria severity action contact", "", ""),
    "release": ("note?", "", ""),
    "correct": ("reason set_public?", "set_customs? amendment? receipt_sha256?", "set_internal?"),
    "rotate_root": ("root_jwk possession", "", ""),
    "rules": ("version", "", ""),
    "dismiss": ("reason", "", ""),
    "stocktake": ("scope opening?", "counts", ""),
    "writeoff": ("from_size to_size report_sha256 residual_zero", "reference?", ""),
    "gate": ("direction", "pass_no container_seal? gross_kg receipt_sha256", ""),
    "close_line": ("", "receipt_sha256", ""),
    "customs_check": ("result", "officer receipt_sha256? note?", ""),
    "disassemble": ("output_count", "work_order? waste_kg?", ""),
    "harvest": ("part part_no? disposition", "net_kg", ""),
    "scrap": ("reason", "net_kg material hazard_code?", ""),
    "divert": ("", "approval duty vat receipt_sha256", ""),
    "warranty_return": ("trouble_codes?", "claim", "km?"),
    "reimport": ("", "", ""),
    "move": ("", "location", ""),
    "open_lot": ("class", "part_no? material? bonded? origin? hazard_code?", ""),
    "fill_lot": ("", "quantity unit value? net_kg?", ""),
    "draw_lot": ("reason", "quantity net_kg hazard_code? receipt_sha256?", ""),
    "close_lot": ("", "net_kg", ""),
    "destroy": (
        "method",
        "approval net_kg residue_kg certificate_sha256 licence",
        "",
    ),
    "void": ("reason", "", ""),
    "erase": ("fields ground", "", ""),
}

# The links of a kind: name, chains, event, count.
LINKS = {
    "declare_in": "book:book:first:1",
    "declare_out": "book:book:first:1",
    "import": "declaration:declaration:first:? parent:unit:head:?",
    "assemble": "input:core,component:head:+ primary:core,component:none:?",
    "consume": "unit:unit:first:1",
    "export": "declaration:declaration:first:1",
    "return": "declaration:declaration:first:1",
    "clean": "lot:lot:first:?",
    "disassemble": "output:component:none:+ lot:lot:first:?",
    "open_lot": "book:book:first:?",
    "harvest": "parent:core,unit:head:1",
    "scrap": "lot:lot:first:1",
    "divert": "declaration:declaration:first:1",
    "reimport": "declaration:declaration:first:1",
    "fill_lot": "declaration:declaration:first:?",
    "draw_lot": "lot:lot:first:? declaration:declaration:first:?",
    **dict.fromkeys(("confirm", "release", "correct", "void", "erase"), "target::target:1"),
}

# The chains that a kind is allowed on.
GOODS = "book declaration core component unit lot"
CHAINS = {
    "ledger": "found rotate_root rules",
    "policy": "set_policy",
    "party": "admit profile dismiss",
    "key": "add_key revoke_key",
    "book": "open_book stocktake writeoff",
    "declaration": "declare_in declare_out gate close_line",
    "core": "import receive",
    "core component": "inspect consume",
    "core component unit": "clean diagnose repair update calibrate scrap",
    "core component lot": "return",
    "core unit": "disassemble divert",
    "component": "harvest",
    "component unit": "test",
    "unit": "assemble approve pack export warranty_return reimport",
    "core component unit lot": "move",
    "lot": "open_lot fill_lot draw_lot close_lot destroy",
    GOODS: "confirm hold recall release correct void erase customs_check",
}

# Fields that the rules read, so that a correction must not change them.
FIXED = {
    "result": {"receive", "confirm"},
    "grade": {"inspect"},
    "overall": {"test"},
    "decision": {"approve"},
    "input_count": {"assemble"},
    "output_count": {"disassemble"},
    "class": {"open_lot", "open_book"},
    "version": {"rules"},
    "fields": {"erase"},
    "authority": {"hold"},
    "destination": {"export"},
    "values": {"set_policy"},
}


def types_inside(hint: Any) -> Iterator[tuple[Any, msgspec.Meta]]:
    """Yields every type inside a type, with its limits."""
    limits = msgspec.Meta()
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        limits = next((meta for meta in extras if isinstance(meta, msgspec.Meta)), limits)
    yield hint, limits
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        for info in msgspec.structs.fields(hint):
            yield from types_inside(info.type)
    elif get_origin(hint) is not Literal:
        for arm in get_args(hint):
            yield from types_inside(arm)


ALL_FIELDS = [(kind, name) for kind in CATALOGUE.values() for name in kind.fields]


def test_catalogue_has_the_kinds_of_this_version() -> None:
    assert CATALOGUE.keys() == FIELDS.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_fields_and_their_readers_match_the_design(name: str) -> None:
    kind = CATALOGUE[name]
    for visibility, text in zip(("public", "customs", "internal"), FIELDS[name], strict=True):
        fields = {
            field if field in kind.required else f"{field}?"
            for field, about in kind.fields.items()
            if about.visibility == visibility
        }
        assert fields == set(text.split())


def test_chains_and_links_match_the_design() -> None:
    named = {kind: chains for chains, kinds in CHAINS.items() for kind in kinds.split()}
    assert {name: set(chains.split()) for name, chains in named.items()} == {
        kind.name: set(kind.chains) for kind in CATALOGUE.values()
    }
    for kind in CATALOGUE.values():
        links = (f"{r.name}:{','.join(r.chains)}:{r.at}:{r.count}" for r in kind.refs)
        assert " ".join(links) == LINKS.get(kind.name, "")


def test_fields_read_by_the_life_cycle_are_fixed() -> None:
    for name, kinds in FIXED.items():
        assert all(CATALOGUE[kind].fields[name].fixed for kind in kinds)


@pytest.mark.parametrize(("kind", "name"), ALL_FIELDS, ids=[f"{k.name}.{n}" for k, n in ALL_FIELDS])
def test_example_of_field_is_allowed(kind: Kind, name: str) -> None:
    example = kind.fields[name].example
    msgspec.convert(example, kind.types[name])
    format_canonical(example)


@pytest.mark.parametrize(("kind", "name"), ALL_FIELDS, ids=[f"{k.name}.{n}" for k, n in ALL_FIELDS])
def test_every_value_inside_a_field_is_bounded(kind: Kind, name: str) -> None:
    for hint, limits in types_inside(kind.types[name]):
        assert hint is not float
        if hint is str:
            assert limits.pattern is not None
            assert limits.pattern.startswith("^")
            assert limits.pattern.endswith(r"(?!\n)$")
        elif hint is int:
            assert limits.ge is not None
            assert limits.le is not None
            assert -MAX_INTEGER <= limits.ge <= limits.le <= MAX_INTEGER
        elif get_origin(hint) in {list, dict, tuple}:
            assert limits.max_length is not None


@pytest.mark.parametrize(("kind", "name"), ALL_FIELDS, ids=[f"{k.name}.{n}" for k, n in ALL_FIELDS])
def test_optional_field_is_omitted_instead_of_empty(kind: Kind, name: str) -> None:
    if name not in kind.required:
        empties: tuple[Any, ...] = ([], {}, "", None)
        for empty in empties:
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(empty, kind.types[name])


@pytest.mark.parametrize(("kind", "name"), ALL_FIELDS, ids=[f"{k.name}.{n}" for k, n in ALL_FIELDS])
def test_no_field_accepts_a_float(kind: Kind, name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(0.942, kind.types[name])


def test_restricted_fields_are_in_no_token() -> None:
    for kind in CATALOGUE.values():
        members = {info.encode_name for info in msgspec.structs.fields(kind.data)}
        assert members.isdisjoint(kind.restricted)
        assert members - {"_sd"} == kind.fields.keys() - kind.restricted


def test_every_chain_accepts_item_ids_of_some_form() -> None:
    assert all(CHAIN_FORMS.values())
    assert {chain for kind in CATALOGUE.values() for chain in kind.chains} <= CHAIN_FORMS.keys()


def test_every_role_of_a_kind_exists() -> None:
    roles = {
        "importer", "broker", "operator", "quality", "approver", "carrier", "recycler", "customs",
        "observer", "distributor",
    }  # fmt: skip
    assert {role for kind in CATALOGUE.values() for role in kind.roles} <= roles | {
        "root",
        "admin",
        "*",
    }
