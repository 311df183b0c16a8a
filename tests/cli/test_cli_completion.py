"""Completion in shells: key names and item ids, and nothing where there is no ledger."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from tests.cli.plant import CORE, UNIT, Plant
from traceledger_cli.main import main


def complete(words: list[str], incomplete: str) -> list[str]:
    completer = ShellComplete(main, {}, "traceledger", "_TRACELEDGER_COMPLETE")
    return [item.value for item in completer.get_completions(words, incomplete)]


@pytest.fixture
def at_plant(busy_plant: Plant, monkeypatch: pytest.MonkeyPatch) -> Plant:
    for name, value in busy_plant.environment.items():
        monkeypatch.setenv(name, value)
    return busy_plant


def test_keys_complete_by_name_and_folder(at_plant: Plant) -> None:
    assert complete(["show", UNIT, "--ledger"], "") == []
    assert "station" in complete(["hold", UNIT, "--key"], "")
    assert complete(["hold", UNIT, "--key"], "stat") == ["station"]
    folder = f"{at_plant.path('ledger/keys')}/"
    assert complete(["hold", "--key"], folder) == [f"{folder}log", f"{folder}root"]
    assert complete(["hold", "--keys", at_plant.path("ledger/keys"), "--key"], "r") == ["root"]
    assert complete(["key", "export"], "stat") == ["station"]


def test_items_complete_by_their_beginning(at_plant: Plant) -> None:
    assert complete(["show"], UNIT[:12]) == [UNIT]
    assert CORE in complete(["event", "hold"], "8004/")
    assert complete(["show"], "nothing/") == []
    other = ["show", "--ledger", at_plant.path("nowhere")]
    assert complete(other, "8004/") == []
    assert complete(["show", "--ledger", "https://ledger.example"], "8004/") == []


def test_commands_and_kinds_complete() -> None:
    assert complete([], "veri") == ["verify", "verify-report", "verifier-site"]
    assert complete(["event"], "insp") == ["inspect"]
