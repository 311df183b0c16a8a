"""Every field of every kind, for every sort of reader, through every address."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.everything import READERS
from tests.api.site import Site, running
from tests.world import World
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import parse_disclosure, split_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.passport import parse_passport

TRADERS_ITEMS = ("book/", "decl/")
STRANGER = ""


def may_see(site: Site, by: str, event: Event, name: str) -> bool:
    """Reports whether a reader may see a field, as docs/spec/events.md defines it."""
    assert event.kind is not None
    visibility = event.kind.fields[name].visibility
    if visibility == "public":
        return True
    if by and site.world.actors[by].iss == event.payload.iss:
        return True
    if visibility != "customs":
        return False
    return by == "customs" or (by == "trader" and event.payload.sub.startswith(TRADERS_ITEMS))


def erased(site: Site, event: Event) -> set[str]:
    return {
        name
        for one in site.world.events
        if one.kind_name == "erase" and one.refs[0].event == event.id
        for name in one.data.fields
    }


def expected(site: Site, by: str, event: Event) -> tuple[set[str], set[str]]:
    """Returns the fields shown and withheld."""
    public = {name for name, value in json.loads(_data(event)).items() if name != "_sd"}
    there = public | event.digests.keys()
    shown = {name for name in there if may_see(site, by, event, name)} - erased(site, event)
    return shown, set(event.digests) - shown


def _data(event: Event) -> bytes:
    return msgspec.json.encode(event.data)


def items(site: Site) -> list[str]:
    return list(dict.fromkeys(event.payload.sub for event in site.world.events))


def test_the_world_has_every_field_of_every_kind(everything: Site) -> None:
    there: dict[str, set[str]] = {name: set() for name in CATALOGUE}
    for event in everything.world.events:
        names = json.loads(_data(event)).keys() | event.digests.keys()
        there[event.kind_name] |= names - {"_sd"}
    missing = {name: set(CATALOGUE[name].fields) - there[name] for name in CATALOGUE}
    assert {name: fields for name, fields in missing.items() if fields} == {
        "found": {"continues"},
        "rules": {"version"},
    }


@pytest.mark.parametrize("by", READERS)
def test_history_shows_the_fields_that_the_catalogue_allows(everything: Site, by: str) -> None:
    events = {event.id: event for event in everything.world.events}
    seen = set()
    for item in items(everything):
        for one in everything.json(f"items/{item}/history", by)["events"]:
            event = events[one["event"]]
            shown, withheld = expected(everything, by, event)
            assert set(one["data"]) == shown, (event.kind_name, by)
            assert set(one["withheld"]) == withheld, (event.kind_name, by)
            assert names_in(one["wire"].encode()) == shown & event.digests.keys()
            seen.add(event.id)
    assert seen == events.keys()


def test_stranger_does_not_learn_which_core_a_unit_became(tmp_path: Path) -> None:
    """Lineage hides the second life of a unit from strangers; its state must not name it."""
    world = World()
    unit = world.unit("REIMPORTED")
    successor = world.core(parent=unit)
    with running(tmp_path / "ledger", world) as site:
        assert site.json(f"items/{unit}", "operator")["rules"]["successor"] == successor
        assert "successor" not in site.json(f"items/{unit}", STRANGER)["rules"]
        assert successor not in site.get(f"items/{unit}", STRANGER).text


@pytest.mark.parametrize("by", [STRANGER, *READERS])
def test_passport_shows_the_fields_that_the_catalogue_allows(everything: Site, by: str) -> None:
    units = [item for item in items(everything) if item.startswith("01/")]
    for unit in units:
        passport = parse_passport(everything.get(f"items/{unit}/passport", by).content)
        for chain in passport.chains:
            for wire in chain.events:
                event = parse_token(split_wire(wire)[0])
                shown, _ = expected(everything, by, event)
                assert names_in(wire) == shown & event.digests.keys(), (event.kind_name, by)


@pytest.mark.parametrize("by", ["observer", "customs", "trader", "operator"])
def test_list_and_single_events_show_the_same_as_history(everything: Site, by: str) -> None:
    listed = everything.json("events?limit=1000", by)["events"]
    assert [one["event"] for one in listed] == [event.id for event in everything.world.events]
    for one, event in zip(listed, everything.world.events, strict=True):
        assert set(one["data"]) == expected(everything, by, event)[0]
    assert everything.json(f"events/{listed[50]['event']}", by) == listed[50]


@pytest.mark.parametrize("by", ["observer", "customs", "trader", "operator"])
def test_search_shows_and_matches_public_fields_only(everything: Site, by: str) -> None:
    answer = json.dumps(everything.json("items?limit=1000", by))
    for secret in ("801220251000012345", "85.00", "P35PFZAH05XY", "8012-0417", "K-2025-17"):
        assert secret not in answer
        assert everything.json(f"items?q={secret}", by)["items"] == []
    assert len(everything.json("items?limit=1000", by)["items"]) == len(items(everything))


def test_stranger_sees_units_with_public_fields_and_nothing_else(everything: Site) -> None:
    for item in items(everything):
        if item.startswith("01/"):
            for one in everything.json(f"items/{item}/history")["events"]:
                event = parse_token(split_wire(one["wire"].encode())[0])
                shown, withheld = expected(everything, STRANGER, event)
                assert (set(one["data"]), set(one["withheld"])) == (shown, withheld)
                assert not names_in(one["wire"].encode())
            assert everything.json(f"items?q={item}")["items"][0]["item"] == item
            continue
        for view in ("", "/history", "/lineage", "/passport", "/proof", "/scans"):
            assert everything.refusal(f"items/{item}{view}") == (401, "access.needed"), item
        assert everything.refusal(f"items?q={item}") == (401, "access.needed")


@pytest.mark.parametrize(
    "path", ["items", "items?q=01/0952123", "events", "parties", "stream", "items?chain=unit"]
)
def test_stranger_cannot_list(everything: Site, path: str) -> None:
    assert everything.refusal(path) == (401, "access.needed")


@pytest.mark.parametrize("by", ["recycler", "carrier", "distributor"])
def test_outside_parties_look_up_but_cannot_list(everything: Site, by: str) -> None:
    assert everything.json("items/lot/WASTE-2", by)["state"] == "CLOSED"
    for path in ("items", "events", "stream", "/tile/entries/000.p/1"):
        assert everything.refusal(path, by) == (403, "access.role")


@pytest.mark.parametrize(
    ("by", "status"), [("observer", 200), ("customs", 200), ("operator", 403), ("trader", 403)]
)
def test_entries_of_the_log_are_for_observers_and_customs(
    everything: Site, by: str, status: int
) -> None:
    assert everything.get("/tile/entries/000.p/20", by).status_code == status


def test_lineage_leads_a_stranger_to_no_other_unit(everything: Site) -> None:
    unit = "01/09521234543213/21/EVERYTHING"
    nodes = {one["item"] for one in everything.json(f"items/{unit}/lineage")["nodes"]}
    passport = parse_passport(everything.get(f"items/{unit}/passport").content)
    assert nodes <= {chain.item for chain in passport.chains}
    cores = [item for item in nodes if item.startswith("8004/")]
    assert len(cores) == 3
    for core in cores:
        found = everything.json(f"items/{core}/lineage", "carrier")["nodes"]
        assert unit in {one["item"] for one in found}


@pytest.mark.parametrize("by", READERS)
def test_heads_are_those_of_the_log(everything: Site, by: str) -> None:
    wanted = [*items(everything)[:60], "8004/9521234NOWHERE"]
    answer = everything.client.request(
        "POST", "/api/v1/heads", json={"items": wanted}, headers=everything.bearer(by)
    ).json()
    last = {event.payload.sub: event for event in everything.world.events}
    for item, head in answer.items():
        if item in last:
            assert (head["event"], head["seq"]) == (last[item].id, last[item].payload.seq)
        else:
            assert head is None
    assert answer.keys() == set(wanted)


def names_in(wire: bytes) -> set[str]:
    return {parse_disclosure(text).name for text in split_wire(wire)[1]}


def test_every_visibility_is_shown_and_withheld(everything: Site) -> None:
    """Each visibility is shown to some readers and withheld from others: no test is vacuous."""
    found: dict[Any, set[bool]] = {}
    for by, event in itertools.product((STRANGER, *READERS), everything.world.events):
        for name in event.digests:
            assert event.kind is not None
            key = (event.kind.fields[name].visibility, by)
            found.setdefault(key, set()).add(may_see(everything, by, event, name))
    assert found["customs", STRANGER] == {False}
    assert found["customs", "observer"] == {False}
    assert found["customs", "customs"] == {True}
    assert found["customs", "trader"] == {True, False}  # items of its own prefixes only
    assert found["internal", STRANGER] == {False}
    assert found["internal", "customs"] == {True, False}  # the label of its own key
    assert found["internal", "operator"] == {True, False}
    assert found["customs", "recycler"] == {True, False}
