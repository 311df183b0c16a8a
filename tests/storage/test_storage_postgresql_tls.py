"""A database on another machine: the connection is encrypted, and the server proves who it is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.postgresql import NOBODY, Server, free_ports, new_folder, running_server
from traceledger.errors import StorageError
from traceledger.storage.opening import create_store, open_store

_NAME = "db.plant.example"  # reached by the address of a proxy, as in the guide to availability
_ENCRYPTED = (
    "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    " WHERE client_addr IS NOT NULL AND datname = %s"
)


@contextlib.contextmanager
def encrypted_server(ca: Path) -> Iterator[Server]:
    """Starts a server with a certificate for _NAME, whose authority's is written to `ca`."""
    authority = Authority()
    identity = authority.issue([_NAME])
    ca.write_bytes(authority.certificate)
    with new_folder() as folder:
        files = {"host.pem": identity.certificate, "host-key.pem": identity.key}
        for name, data in files.items():
            (folder / name).touch(0o600)
            (folder / name).write_bytes(data)
            if os.geteuid() == 0:
                os.chown(folder / name, NOBODY, NOBODY)
        (port,) = free_ports(1)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "ssl": "on",
            "ssl_cert_file": str(folder / "host.pem"),
            "ssl_key_file": str(folder / "host-key.pem"),
        }
        with running_server(**settings) as server:
            yield server


def test_connection_is_encrypted_and_only_the_expected_server_is_accepted(tmp_path: Path) -> None:
    """Somebody between the machines must not read the events, or pass for the database."""
    ca, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    other.write_bytes(Authority().certificate)
    with encrypted_server(ca) as server:
        database = server.new_database()

        def place(host: str, authority: Path, mode: str = "verify-full") -> str:
            address = f"postgresql://owner@{host}:{server.port}/{database}"
            return f"{address}?hostaddr=127.0.0.1&sslmode={mode}&sslrootcert={authority}"

        create_store(place(_NAME, ca))
        with contextlib.closing(open_store(place(_NAME, ca), write=True)):
            assert server.execute(_ENCRYPTED, values=[database]) == [(True,)]
        for wrong in (place(_NAME, other), place("127.0.0.1", ca)):
            with pytest.raises(StorageError, match=r"store\.connect"):
                open_store(wrong, write=True)
        open_store(
            place("127.0.0.1", ca, "verify-ca"), write=True
        ).close()  # only the name is wrong
