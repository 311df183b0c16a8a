"""Versions of a schema on any engine: the scripts between them, and the refusal of others."""

from __future__ import annotations

from importlib import resources

from traceledger.errors import StorageError

__all__ = ["check_version", "read_scripts"]


def check_version(version: int, newest: int) -> None:
    """Checks that a store has the newest schema; raises StorageError `store.version`."""
    if version == newest:
        return
    message = f"the database has schema version {version}, this program uses {newest}"
    if 0 < version < newest:
        hint = "Back it up, then migrate it by opening it for writing: `traceledger checkpoint`."
        raise StorageError("store.version", message, hint=hint)
    raise StorageError("store.version", message)


def read_scripts(engine: str, version: int, newest: int) -> list[str]:
    """Reads the scripts that migrate a store of this version, 0 for an empty one, in order."""
    return [_read_script(f"{engine}_{number:04}.sql") for number in range(version + 1, newest + 1)]


def _read_script(name: str) -> str:
    script = resources.files("traceledger.storage.migrations") / name
    try:
        return script.read_text()
    except OSError as error:
        raise StorageError("file.read", f"{script} cannot be read: {error.strerror}") from error
