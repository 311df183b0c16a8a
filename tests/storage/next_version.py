"""A program with a schema version that only the tests have, which migrates what it opens.

`python -m tests.storage.next_version PLACE` waits for a line, opens the store at a file or an
address for writing, and prints `opened` or the code of the error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from traceledger.errors import TraceledgerError
from traceledger.storage import schema
from traceledger.storage.opening import is_address, open_store
from traceledger.storage.postgresql import schema as postgresql
from traceledger.storage.postgresql import store as postgresql_store
from traceledger.storage.sqlite import schema as sqlite
from traceledger.storage.sqlite import store as sqlite_store

__all__ = ["install"]

NEXT = {
    "postgresql": """
        CREATE TABLE traceledger.migrated (size bigint NOT NULL);
        SELECT pg_sleep(0.5);
        INSERT INTO traceledger.migrated SELECT count(*) FROM traceledger.entry;
    """,
    "sqlite": """
        CREATE TABLE migrated (size INTEGER NOT NULL) STRICT;
        INSERT INTO migrated SELECT count(*) FROM entry;
    """,
}
_READ = schema.read_scripts


def read_scripts(engine: str, version: int, newest: int) -> list[str]:
    """Returns the real scripts up to the real version, then that of the next version."""
    if version >= newest:
        return []
    return [*_READ(engine, version, newest - 1), NEXT[engine]]


def install(set_attribute: Callable[[object, str, object], None]) -> None:
    """Makes this process one of the next version; `monkeypatch.setattr` restores it."""
    for engine, store in ((postgresql, postgresql_store), (sqlite, sqlite_store)):
        newer = engine.SCHEMA_VERSION + 1
        set_attribute(engine, "SCHEMA_VERSION", newer)
        set_attribute(store, "SCHEMA_VERSION", newer)
        set_attribute(engine, "read_scripts", read_scripts)


def main() -> None:
    """Opens the store of the argument, as the next version."""
    install(setattr)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    place = sys.argv[1]
    try:
        open_store(place if is_address(place) else Path(place), write=True).close()
    except TraceledgerError as error:
        sys.stdout.write(error.code)
    else:
        sys.stdout.write("opened")


if __name__ == "__main__":
    main()
