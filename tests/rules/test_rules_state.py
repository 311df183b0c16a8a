from __future__ import annotations

import msgspec
import pytest

from tests.world import World
from traceledger.errors import StorageError
from traceledger.rules import state as states
from traceledger.rules.state import State, format_state, parse_state


def test_a_truncated_stored_state_is_reported_as_damaged() -> None:
    for state in World().replay.states.values():
        data = format_state(state)
        for size in range(len(data)):
            with pytest.raises(StorageError) as caught:
                parse_state(data[:size])
            assert caught.value.code == "state.damaged"


def test_a_stored_state_with_any_byte_changed_is_another_state_or_damage() -> None:
    state = World().replay.states["ledger"]
    data = format_state(state)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0xFF
        try:
            assert parse_state(bytes(changed)) != state
        except StorageError as error:
            code = error.code
        else:
            continue
        assert code == "state.damaged"


def test_a_stored_state_of_another_version_is_refused() -> None:
    for state in World().replay.states.values():
        data = format_state(state)
        assert data[0] == 2
        for other in (data[1:], b"\x01" + data[1:]):  # the first states had no version
            with pytest.raises(StorageError, match="this program reads 02") as caught:
                parse_state(other)
            assert "`traceledger rebuild`" in caught.value.hint


FIELDS = {
    2: {
        "Goods": "first seq head chain party life holds recalls testers pending before by_customs"
        " cited parts unit lot successor lot_class depth periods",
        "WaitingReport": "event end",
        "Periods": "end opened waiting",
        "HoldMark": "event authority",
        "RecallMark": "event party reworked",
        "Pending": "event kind to",
        "Before": "life holds recalls testers pending periods",
        "LedgerState": "first seq head origin root root_kid authority rules granted",
        "PolicyState": "first seq head zone_country",
        "PartyState": "first seq head authority ended name roles prefixes admin admin_kid",
        "KeyState": "first seq head party roles jwk ended compromised_since",
        "Jwk": "crv kty x y",
    }
}


def test_a_change_of_a_states_fields_is_a_new_version() -> None:
    """Otherwise a state stored earlier would be read with defaults for fields that it lacks."""
    version = format_state(World().replay.states["ledger"])[0]
    stored = msgspec.json.schema_components([State])[1]
    fields = {name: " ".join(vars(states)[name].__struct_fields__) for name in stored}
    assert fields == FIELDS[version]
