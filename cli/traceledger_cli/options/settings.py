"""The user's settings: `config.toml` in the folder for settings.

A plain value sets that option for every command, a table sets the options of one command::

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
    """Reads the settings; empty without a file. Raises MalformedError `usage.settings`."""
    path = config_folder() / "config.toml"
    try:
        data = read_file(path, MAX_SETTINGS)
        return {} if data is None else _with_python_names(tomllib.loads(data.decode()))
    except TraceledgerError as error:
        raise MalformedError("usage.settings", error.message) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedError("usage.settings", f"{path}: {error}") from error


def _with_python_names(table: dict[str, Any]) -> dict[str, Any]:
    """Returns the table with options under their Python names; commands keep their names."""
    return {
        name if isinstance(value, dict) else name.replace("-", "_"): (
            _with_python_names(value) if isinstance(value, dict) else value
        )
        for name, value in table.items()
    }
