"""A pooler between the ledger and its database, which may change the connection's server."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.faults.members import wait_for
from tests.postgresql import Server, as_server_user, free_ports, new_folder
from tests.storage.conformance import contents, full_batch
from traceledger.errors import StorageError
from traceledger.storage.postgresql import PostgresStore

pytestmark = pytest.mark.faults

_PROGRAM = "/usr/sbin/pgbouncer"


@pytest.fixture
def database(postgresql: Server) -> str:
    name = postgresql.new_database()
    PostgresStore.create(postgresql.address(name)).close()
    return name


@contextlib.contextmanager
def pooled(server: Server, database: str, *settings: str) -> Iterator[str]:
    """Starts PgBouncer before a server; yields the database's address there."""
    with new_folder() as folder:
        (port,) = free_ports(1)
        lines = [
            "[databases]",
            f"{database} = host={server.folder} user=owner",
            "[pgbouncer]",
            *(f"listen_port = {port}", f"unix_socket_dir = {folder}", "auth_type = any"),
            *settings,
        ]
        (folder / "pgbouncer.ini").write_text("\n".join(lines))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                as_server_user(_PROGRAM, folder / "pgbouncer.ini"), stdout=log, stderr=log
            )
        try:
            socket, log_text = folder / f".s.PGSQL.{port}", (folder / "log").read_text
            wait_for(lambda: socket.exists() or process.poll() is not None, log_text)
            assert process.poll() is None, log_text()
            yield f"postgresql://owner@/{database}?host={folder}&port={port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.mark.parametrize("write", [True, False], ids=["writing", "reading"])
@pytest.mark.parametrize("order", ["0", "1"], ids=["newest first", "in turn"])
def test_a_pooler_in_transaction_mode_is_refused(
    postgresql: Server, database: str, order: str, *, write: bool
) -> None:
    """Its settings would be those of another client, so a commit might not wait for the standby."""
    settings = ("pool_mode = transaction", f"server_round_robin = {order}")
    with pooled(postgresql, database, *settings) as address:
        for _ in range(5):
            with pytest.raises(StorageError) as caught:
                PostgresStore(address, write=write)
            assert caught.value.code == "store.pooler"
            assert "session mode" in caught.value.hint


def test_a_pooler_in_session_mode_can_be_used(postgresql: Server, database: str) -> None:
    with pooled(postgresql, database, "pool_mode = session") as address:
        for _ in range(3):
            with contextlib.closing(PostgresStore(address, write=True)) as store:
                store.append(full_batch(store))
                assert len(contents(store)) > 1
                assert store.fetch("SHOW synchronous_commit") == [("on",)]
