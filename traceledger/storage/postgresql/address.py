"""The address of a database, `postgresql://USER@HOST:PORT/NAME`, which never has a password."""

from __future__ import annotations

from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from traceledger.errors import UsageError

__all__ = ["Address", "parse_address"]


class Address(NamedTuple):
    """The parameters of a connection, and what messages call the database."""

    parameters: dict[str, str]
    shown: str


def parse_address(text: str) -> Address:
    """Parses an address; raises UsageError `store.url`, or `store.password` for one with a secret.

    Messages quote nothing of the address that could be a secret, so not the driver's message, which
    quotes the whole address.
    """
    try:
        parsed = conninfo_to_dict(text)
    except (psycopg.Error, UnicodeError):
        raise UsageError("store.url", "the database's address cannot be read") from None
    parameters = {name: str(value) for name, value in parsed.items() if value is not None}
    if parameters.keys() & {"password", "sslpassword", "oauth_client_secret"}:
        raise UsageError("store.password", "the database's address contains a password")
    name = parameters.get("dbname", "")
    host, port = parameters.get("host", ""), parameters.get("port", "")
    at = " ".join(filter(None, (host and f"at {host}", port and f"port {port}")))
    return Address(parameters, f"the database {name} {at}".replace("  ", " ").rstrip())
