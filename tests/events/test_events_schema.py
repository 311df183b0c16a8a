from __future__ import annotations

import copy
import json
import random
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from tests.world import World, make_signer
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import split_wire
from traceledger.events.draft import Place, parse_draft, sign_draft
from traceledger.events.encoding import decode_base64url
from traceledger.events.kind import Kind
from traceledger.events.schema import data_schema, draft_schema

KINDS = list(CATALOGUE.values())
PLACE = Place("ledger.example/cq-1", "party/plant", "A" * 43, 1, "A" * 43, 1_750_000_000)


def example(kind: Kind, names: Any = None) -> dict[str, Any]:
    """Builds a draft from the catalogue's examples, of all fields or of those named."""
    data = {name: kind.fields[name].example for name in (kind.fields if names is None else names)}
    refs = [
        {"as": rule.name, "item": "8004/9521234C000001"} for rule in kind.refs if rule.count != "?"
    ]
    draft = {"kind": kind.name, "item": "8004/9521234C000001", "data": copy.deepcopy(data)}
    return draft | ({"refs": refs} if refs else {})


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_schemas_are_valid_and_plain_json(kind: Kind) -> None:
    for schema in (draft_schema(kind), data_schema(kind)):
        Draft202012Validator.check_schema(schema)
        assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_example_validates_and_matches_its_token(kind: Kind) -> None:
    for names in (None, kind.required):
        document = example(kind, names)
        assert errors(draft_schema(kind), document) == []
        draft = parse_draft(json.dumps(document).encode())
        wire = sign_draft(draft, PLACE, make_signer("any"), random.Random(1).randbytes)
        claims = json.loads(decode_base64url(split_wire(wire)[0].split(b".")[1]))
        assert errors(data_schema(kind), claims["data"]) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_schema_requires_what_the_kind_requires(kind: Kind) -> None:
    schema, document = draft_schema(kind), example(kind)
    for name in kind.fields:
        less = copy.deepcopy(document)
        del less["data"][name]
        assert (errors(schema, less) != []) == (name in kind.required)
        for wrong in (0.5, None):
            odd = copy.deepcopy(document)
            odd["data"][name] = wrong
            assert errors(schema, odd) != [], (name, wrong)
    assert errors(schema, document | {"extra": 1}) != []
    assert errors(schema, document | {"data": document["data"] | {"extra": 1}}) != []
    assert errors(schema, document | {"kind": "polish"}) != []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_schema_states_who_reads_a_field_and_what_it_means(kind: Kind) -> None:
    properties = draft_schema(kind)["properties"]["data"]["properties"]
    public = data_schema(kind)["properties"]
    assert properties.keys() == kind.fields.keys()
    assert public.keys() - {"_sd"} == kind.fields.keys() - kind.restricted
    for name, field in kind.fields.items():
        described = properties[name]
        assert described["x-visibility"] == field.visibility
        assert described["description"] == field.description
        assert described["examples"] == [field.example]
        assert described.get("x-unit", "") == field.unit
        assert described.get("x-fixed", False) == field.fixed
        assert described["title"] != described["x-label-zh"]
        if name in kind.restricted:
            assert public["_sd"]["properties"][name]["x-visibility"] == field.visibility
            assert "examples" not in public["_sd"]["properties"][name]


def test_restricted_fields_are_digests_in_tokens() -> None:
    schema = data_schema(CATALOGUE["import"])
    data = {"category": "TCM", "part_no": "24261870", "origin": "USA"}
    digests = {"net_kg": "A" * 43, "unit_value": "A" * 43}
    assert errors(schema, data | {"_sd": digests}) == []
    for sealed in ({}, {"net_kg": "A" * 43}, digests | {"origin": "A" * 43}, digests | {"x": 1}):
        assert errors(schema, data | {"_sd": sealed}) != []
    assert errors(schema, data) != []
    assert errors(schema, data | {"_sd": digests, "net_kg": "0.942"}) != []


def test_schema_counts_links() -> None:
    schema, document = draft_schema(CATALOGUE["assemble"]), example(CATALOGUE["assemble"])
    link = {"as": "input", "item": "8004/9521234C000001", "event": "A" * 43}
    primary = {"as": "primary", "item": "8004/9521234C000001"}
    for refs, right in (
        ([link], True),
        ([link, link | {"item": "8004/9521234C000002"}, primary], True),
        ([primary], False),
        ([link, primary, primary], False),
        ([link, {"as": "unit", "item": "x/unit/1"}], False),
        ([link | {"event": "short"}], False),
        ([link | {"extra": 1}], False),
    ):
        assert (errors(schema, document | {"refs": refs}) == []) == right
    del document["refs"]
    assert errors(schema, document) != []
    assert "refs" not in draft_schema(CATALOGUE["open_book"])["properties"]


def test_every_signed_event_matches_the_schemas() -> None:
    world = World()
    world.unit("REIMPORTED")
    validators = {k.name: Draft202012Validator(data_schema(k)) for k in KINDS}
    for event in world.events:
        claims = json.loads(decode_base64url(event.token.split(b".")[1]))
        assert list(validators[event.kind_name].iter_errors(claims["data"])) == []


def test_schema_and_catalogue_refuse_alike() -> None:
    """Changes one value of an example in every way: both refuse it, or both accept it."""
    for kind in KINDS:
        validator = Draft202012Validator(
            draft_schema(kind)["properties"]["data"] | {"$defs": defs(kind)}
        )
        document = example(kind)["data"]
        for name in kind.fields:
            for odd in ("1e3", "-1", "x" * 501, 10**16, -1, True, "USA", ["x"], {"a": 1}, "a\n"):
                data = document | {name: odd}
                try:
                    msgspec.convert(data, kind.full)
                except msgspec.ValidationError:
                    right = False
                else:
                    right = True
                assert validator.is_valid(data) == right, (kind.name, name, odd)


def defs(kind: Kind) -> dict[str, Any]:
    definitions: dict[str, Any] = draft_schema(kind)["$defs"]
    return definitions
