"""One ledger in a file and in a database: every command answers the same, byte for byte."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SmallDemo
from tests.postgresql import Server
from tests.storage.conformance import batch_of
from traceledger.ledger.keeping.home import Home
from traceledger.storage.opening import create_store, open_store
from traceledger.storage.store import Store
from traceledger_cli.main import main


def copy_store(source: Store, target: Store) -> None:
    """Writes everything in a store to a new one, in batches that end with a checkpoint."""
    start, heads = 0, list(source.read_all_heads())
    for row in source.read_checkpoints():
        entries = list(source.read_entries(start, row.size))
        touched = {entry.item for entry in entries}
        rows = [head for head in heads if head.item in touched]
        target.append(batch_of(target, entries, heads=rows, checkpoint=row._replace(note="")))
        target.sign_checkpoint(row.size, row.note)
        target.add_cosignatures(source.read_cosignatures(row.size))
        start = row.size
    assert start == source.size()


@pytest.fixture
def folders(small_demo: SmallDemo, tmp_path: Path, postgresql: Server) -> tuple[Path, Path]:
    """The demo's ledger, and a copy of it in a database."""
    home = Home.open(small_demo.ledger)
    address = postgresql.address(postgresql.new_database())
    copy = replace(home, path=tmp_path / "copy", store=address)
    shutil.copytree(home.keys.path, copy.keys.path)
    shutil.copy(home.published, copy.published)
    copy.write_settings()
    create_store(address)
    with (
        contextlib.closing(home.open_store()) as source,
        contextlib.closing(open_store(address, write=True)) as target,
    ):
        copy_store(source, target)
    return home.path, copy.path


def test_both_engines_answer_every_command_alike(
    small_demo: SmallDemo, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    unit, trust = small_demo.unit, ("--trust", str(small_demo.trust))
    commands = (
        ("show", unit, "--json"),
        ("show", "--search", "0", "--limit", "20", "--json"),
        ("show", "--life", "EXPORTED", "--json"),
        *(("history", unit, "--as", reader, "--json") for reader in ("all", "customs", "public")),
        ("lineage", unit, "--json"),
        *(("passport", unit, "--as", reader, *trust) for reader in ("all", "customs", "public")),
        ("proof", "100", *trust),
        ("audit", "LEDGER", *trust, "--workers", "1", "--json"),
        ("rebuild", "--dry-run", "--json"),
        ("witness", "request", "TARGET", "--since", "0"),
        ("export", "TARGET", "--as", "customs", *trust),
    )
    for command in commands:
        answers = []
        for folder in folders:
            target = tmp_path / f"{folder.name}-{command[0]}"
            words = {"TARGET": str(target), "LEDGER": str(folder)}
            given = [words.get(word, word) for word in command]
            environment = {"TRACELEDGER_LEDGER": str(folder)}
            result = CliRunner(env=environment).invoke(main, given)
            assert result.exit_code == 0, (command, result.output)
            answers.append((result.stdout.replace(str(target), ""), contents(target)))
        assert answers[0] == answers[1], command


def contents(target: Path) -> dict[str, bytes]:
    """Returns the files that a command wrote."""
    if target.is_file():
        return {"": target.read_bytes()}
    found = sorted(path for path in target.rglob("*") if path.is_file())
    return {str(path.relative_to(target)): path.read_bytes() for path in found}
