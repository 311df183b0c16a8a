"""A database on another machine: the connection is encrypted, and the server proves who it is."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.postgresql import NOBODY, Server, free_ports, new_folder, running_server
from traceledger.errors import StorageError
from traceledger.storage.opening import create_store, open_store

_NAME = "db.plant.example"  # reached by the address of a proxy, as in the guide to availability
_ENCRYPTED = (
    "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    " WHERE client_addr IS NOT NULL AND datname = %s"
)


def make_certificate(
    name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate for a host, by an authority; without one, that of an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


@contextlib.contextmanager
def encrypted_server(ca: Path) -> Iterator[Server]:
    """Starts a server with a certificate for _NAME, whose authority's is written to `ca`."""
    authority = make_certificate("authority", None)
    certificate, key = make_certificate(_NAME, authority)
    ca.write_bytes(authority[0].public_bytes(Encoding.PEM))
    with new_folder() as folder:
        files = {
            "host.pem": certificate.public_bytes(Encoding.PEM),
            "host-key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        }
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
    other.write_bytes(make_certificate("authority", None)[0].public_bytes(Encoding.PEM))
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
