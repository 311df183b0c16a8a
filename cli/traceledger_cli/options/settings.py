"""The user's settings: `config.toml` in the folder for settings.

Plain values stand for options of every command, a table for those of the command it is named for::

    ledger = "/srv/ledger"
    json = true

    [key.new]
    keys = "~/keys"
"""

from __future__ import annotations

import tomllib
from typing import Any

from traceledger.errors import MalformedError, TraceledgerError
from traceledger.files.durable import MAX_SETTINGS, read_file
from traceledger_cli.options.files import config_folder

__all__ = ["read_settings"]


def read_settings() -> dict[str, Any]:
    """Reads the settings, none when there is no file; raises MalformedError `usage.settings`."""
    path = config_folder() / "config.toml"
    try:
        data = read_file(path, MAX_SETTINGS)
        return {} if data is None else _named(tomllib.loads(data.decode()))
    except TraceledgerError as error:
        raise MalformedError("usage.settings", error.message) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedError("usage.settings", f"{path}: {error}") from error


def _named(table: dict[str, Any]) -> dict[str, Any]:
    """The table with options under the names that Python knows them by; commands keep theirs."""
    return {
        name if isinstance(value, dict) else name.replace("-", "_"): (
            _named(value) if isinstance(value, dict) else value
        )
        for name, value in table.items()
    }
