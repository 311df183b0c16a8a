from __future__ import annotations

import fcntl
import inspect
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.cli.plant import CORE, UNIT, Plant, importing, write_manifest
from traceledger import errors
from traceledger.codes import CODES
from traceledger.errors import TraceledgerError
from traceledger_cli.exits import EXITS, MEANINGS, exit_of
from traceledger_cli.extras import EXTRAS
from traceledger_cli.lazy import Entry
from traceledger_cli.main import main

HEAVY = {"PIL", "fastapi", "pydantic", "qrcode", "sqlalchemy", "sqlmodel"}


def entries(table: dict[str, Entry], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        yield (*path, name)
        yield from entries(dict(entry.commands), (*path, name))


PATHS = list(entries(dict(main.entries)))


def find(path: tuple[str, ...]) -> click.Command:
    found: click.Command | None = main
    for name in path:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name)
    assert found is not None
    return found


def entry_of(path: tuple[str, ...]) -> Entry:
    table, found = dict(main.entries), None
    for name in path:
        found = table[name]
        table = dict(found.commands)
    assert found is not None
    return found


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_begins_as_in_the_table_and_ends_with_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    command = find(path)
    if path != ("demo",):  # describes itself in other words
        assert (command.help or "").replace("\n", " ").startswith(entry_of(path).help)
    if not isinstance(command, click.Group) or path == ("demo",):
        assert "Example" in result.stdout
        assert "--json" in result.stdout


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_examples_contain_only_existing_commands_and_options(path: tuple[str, ...]) -> None:
    command = find(path)
    for line in getattr(command, "example", "").replace("\\\n", "").splitlines():
        words = shlex.split(line.rpartition("| ")[2])
        if words[0] == "traceledger":  # others show a use of the command's output
            assert tuple(words[1 : len(path) + 1]) == path
            command.make_context(path[-1], words[len(path) + 1 :])


def test_every_error_has_an_exit_code_with_a_meaning() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, TraceledgerError) and kind is not TraceledgerError
    }
    assert kinds == EXITS.keys()
    assert set(EXITS.values()) <= MEANINGS.keys()
    assert set(MEANINGS) == set(range(12))


def test_subclass_of_an_error_has_the_exit_code_of_its_base() -> None:
    class Special(errors.ConflictError):
        """An error of a single room."""

    assert exit_of(Special("store.exists", "x")) == 7


def test_verbose_belongs_to_version(plant: Plant) -> None:
    assert plant.run("--verbose", code=2).stdout == ""
    shown = plant.run("--verbose", "--version").stdout
    assert "traceledger-bonded" in shown
    assert len(shown.split()[-1]) == 64


def test_version_is_that_of_the_package(plant: Plant) -> None:
    assert plant.run("--version").stdout == f"traceledger {version('traceledger-bonded')}\n"


@pytest.mark.parametrize(
    "command",
    [
        ("frobnicate",),
        ("show", "--colour", "red"),
        ("label", UNIT),
        ("event", "repaint", CORE),
        ("key", "forge"),
        ("init", "a", "b"),
    ],
)
def test_misuse_is_refused_with_a_hint(plant: Plant, command: tuple[str, ...]) -> None:
    assert plant.refusal(*command, code=2) == "usage.option"


def test_error_has_location_message_code_and_hint(plant: Plant) -> None:
    result = plant.run("show", "x/unit/none", code=5)
    first, second = result.stderr.splitlines()
    assert first == "Error: this ledger has no x/unit/none [item.unknown]"
    assert second == f"What to do: {CODES['item.unknown'].hint}"
    assert plant.json("show", "x/unit/none", code=5) == {
        "error": {
            "code": "item.unknown",
            "message": "this ledger has no x/unit/none",
            "where": "",
            "hint": CODES["item.unknown"].hint,
        }
    }


def test_missing_ledger_is_refused(plant: Plant) -> None:
    command = ("show", "ledger", "--ledger", plant.path("nowhere"))
    assert plant.refusal(*command, code=10) == "store.none"


def test_unreadable_settings_of_the_ledger_are_refused(plant: Plant) -> None:
    (plant.ledger / "traceledger.toml").write_text("origin = ")
    assert plant.refusal("show", "ledger", code=2) == "ledger.config"


def test_second_process_can_read_but_not_write(busy_plant: Plant) -> None:
    with (busy_plant.ledger / "ledger.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        hold = ("hold", CORE, "--authority", "quality", "--key", "lab")
        assert busy_plant.refusal(*hold, code=11) == "store.busy"
        assert busy_plant.refusal("checkpoint", code=11) == "store.busy"
        assert busy_plant.json("show", CORE)["item"] == CORE
        assert busy_plant.json(*hold, "--dry-run")["dry_run"] is True


def test_two_processes_never_write_at_once(plant: Plant) -> None:
    write_manifest(plant, 1080)
    first = plant.spawn(*importing(plant))
    while first.poll() is None and not plant.is_locked():
        time.sleep(0.001)
    first.send_signal(signal.SIGSTOP)  # keeps the writer lock until the second one has failed
    try:
        second = plant.spawn(*importing(plant, "--json"))
        output, _ = second.communicate()
    finally:
        first.send_signal(signal.SIGCONT)
    first.communicate()
    assert second.returncode == 11, output
    assert json.loads(output)["error"]["code"] == "store.busy"
    assert first.returncode == 0


@pytest.fixture
def without_privileges() -> list[str]:
    """The prefix of a command that makes file modes apply to root too."""
    dropped = "-dac_override,-dac_read_search"
    drop = ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}"]
    return drop if os.geteuid() == 0 else []


def test_read_only_database_can_be_read_and_refuses_writing(
    busy_plant: Plant, without_privileges: list[str]
) -> None:
    def run(*args: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [*without_privileges, sys.executable, "-m", "traceledger_cli", *args, "--json"],
            env={**os.environ, **busy_plant.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    paths = [busy_plant.ledger, *busy_plant.ledger.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    code, shown = run("show", UNIT)
    assert (code, shown["item"]) == (0, UNIT)
    for command in (("checkpoint",), ("hold", CORE, "--authority", "quality", "--key", "lab")):
        code, answer = run(*command)
        assert (code, answer["error"]["code"]) == (9, "store.write")
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert busy_plant.json("show", CORE)["holds"] == []


def test_settings_replace_options(plant: Plant) -> None:
    folder = plant.folder / "config" / "traceledger"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        f'ledger = "{plant.ledger}"\nlimit = 2\n\n[show]\nlimit = 1\n'
    )
    result = plant.run("show", "--search", "/", "--json", TRACELEDGER_LEDGER=None)
    assert len(json.loads(result.stdout)["items"]) == 1
    again = plant.json("show", "--search", "/", "--limit", "3")
    assert len(again["items"]) == 3


@pytest.mark.parametrize("settings", ["json = true\n", "[show]\njson = true\n"])
def test_setting_json_applies_to_results_and_errors(plant: Plant, settings: str) -> None:
    folder = plant.folder / "config" / "traceledger"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(settings)
    assert json.loads(plant.run("show", "--search", "/").stdout)["items"]
    for command, code in ((("show", "x/unit/none"), 5), (("show", "--no-such-option"), 2)):
        result = plant.run(*command, code=code)
        assert json.loads(result.stdout)["error"]["code"]
        assert result.stderr == ""


def test_settings_of_a_command_do_not_apply_to_others(plant: Plant) -> None:
    folder = plant.folder / "config" / "traceledger"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[key.list]\njson = true\n[show]\nsearch = "none"\n')
    assert plant.run("show", "x/unit/none", code=5).stdout == ""
    assert plant.json("show")["items"] == []


def test_unreadable_settings_are_refused(plant: Plant) -> None:
    folder = plant.folder / "config" / "traceledger"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("ledger = ")
    assert plant.refusal("show", "ledger", code=2) == "usage.settings"


def test_only_data_is_on_stdout(busy_plant: Plant) -> None:
    for command in (("show", UNIT), ("history", UNIT), ("lineage", UNIT), ("checkpoint",)):
        assert isinstance(busy_plant.json(*command), dict)
        assert busy_plant.run(*command, "--json").stderr == ""


def test_colours_appear_only_on_terminals_and_can_be_disabled(busy_plant: Plant) -> None:
    assert "\x1b" not in busy_plant.run("show", UNIT).stdout
    runner = CliRunner(env=busy_plant.environment)
    assert "\x1b" in runner.invoke(main, ["show", UNIT], color=True).stdout
    plain = CliRunner(env={**busy_plant.environment, "NO_COLOR": "1"})
    assert "\x1b" not in plain.invoke(main, ["show", UNIT]).stdout


def test_shell_completion_offers_commands_and_kinds(plant: Plant) -> None:
    words = {"": "import-manifest", "event ": "recall", "key ": "register"}
    for typed, wanted in words.items():
        completed = subprocess.run(
            [Path(sys.prefix) / "bin" / "traceledger"],
            env={
                **os.environ,
                **plant.environment,
                "_TRACELEDGER_COMPLETE": "bash_complete",
                "COMP_WORDS": f"traceledger {typed}",
                "COMP_CWORD": str(len(typed.split()) + 1),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"plain,{wanted}" in completed.stdout.splitlines(), completed.stderr


def test_interrupt_has_the_exit_code_that_shells_expect(plant: Plant) -> None:
    process, terminal, shown = plant.prompt("checkpoint")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert (process.returncode, output) == (130, b"")
    # A terminal passes on line by line, and later on a busy machine.
    while b"Stopped." not in shown:
        shown += os.read(terminal, 1000)
    os.close(terminal)


def test_closed_stdout_causes_no_traceback(plant: Plant) -> None:
    process = plant.spawn("explain")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate()
    assert b"Traceback" not in errors


@pytest.mark.parametrize(
    "command", [("verify", "--help"), ("trust", "show"), ("explain",), ("witness", "new", "--help")]
)
def test_verifying_imports_neither_database_nor_image_libraries(
    command: tuple[str, ...],
) -> None:
    program = (
        "import sys\nfrom traceledger_cli.main import main\n"
        f"main({list(command)!r}, standalone_mode=False)\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert HEAVY.isdisjoint(result.stderr.split())


@pytest.mark.parametrize(
    ("command", "library", "extra"),
    [
        ("show x/core/1", "sqlalchemy", "ledger"),
        ("init l --origin o --url https://a.example --name n", "sqlmodel", "ledger"),
        ("label x/core/1 -o l.svg", "qrcode", "ledger"),
        ("scan label.png --trust trust.json", "zxingcpp", "scan"),
        ("scan label.png --trust trust.json", "PIL", "scan"),
        ("show x/core/1 --ledger https://ledger.example", "httpx", "client"),
        ("serve", "fastapi", "server"),
        ("serve", "sqlalchemy", "server"),
    ],
)
def test_missing_library_is_named_with_the_extra_that_contains_it(
    command: str, library: str, extra: str
) -> None:
    program = (
        f"import sys\nsys.modules[{library!r}] = None\n"
        f"from traceledger_cli.main import main\nmain([*{command!r}.split(), '--json'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2, result.stderr
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "usage.extra"
    assert library in error["message"]
    assert f"'traceledger-bonded[{extra}]'" in error["hint"]


def test_every_extra_contains_the_libraries_that_it_is_named_for() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    extras = pyproject["project"]["optional-dependencies"]
    names = {"PIL": "pillow", "zxingcpp": "zxing-cpp"}
    below = {"sqlalchemy", "starlette"}  # a dependency of sqlmodel, and of fastapi
    for library, extra in EXTRAS.items():
        own = re.findall(r"traceledger-bonded\[(\w+)\]", " ".join(extras[extra]))
        lines = [line for name in (extra, *own) for line in extras[name]]
        listed = {re.split(r"[>\[]", line)[0] for line in lines}
        name = names.get(library, library.replace("_", "-"))
        assert name in listed or library in below
    assert "pillow" in {re.split(r"[>\[]", line)[0] for line in extras["scan"]}


def test_doctor_detects_a_changed_entry(busy_plant: Plant) -> None:
    assert busy_plant.json("doctor")["well"] is True
    with sqlite3.connect(busy_plant.ledger / "ledger.db") as database:
        (trigger,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
            " AND sql LIKE '%UPDATE%'"
        ).fetchone()
        database.execute(f"DROP TRIGGER {trigger.split()[2]}")
        database.execute("UPDATE entry SET body = x'00' WHERE \"index\" = 3")
        database.execute(trigger)
    database.close()
    found = busy_plant.json("doctor", code=9)
    assert [finding["name"] for finding in found["findings"] if not finding["well"]] == ["entries"]
    assert "entries: Stop writing and restore a back-up." in (
        busy_plant.run("doctor", code=9).stdout
    )


@pytest.mark.parametrize(
    ("required", "code", "shown"),
    [
        ("", 0, "libsodium (PyNaCl"),
        ("openssl", 0, "(cryptography"),
        ("blake", 2, "TRACELEDGER_ED25519 is 'blake'; installed: libsodium, openssl"),
    ],
)
def test_the_library_for_signatures_is_named_and_can_be_required(
    required: str, code: int, shown: str
) -> None:
    """Who must use a certain library has to see that it is the one in use."""
    done = subprocess.run(
        [sys.executable, "-m", "traceledger_cli", "--version", "--verbose"],
        env=os.environ | {"TRACELEDGER_ED25519": required},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert shown in done.stdout + done.stderr
