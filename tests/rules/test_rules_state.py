from __future__ import annotations

import pytest

from tests.world import World
from traceledger.errors import StorageError
from traceledger.rules.state import format_state, parse_state


def test_a_stored_state_that_is_cut_off_is_damage_and_no_crash() -> None:
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
