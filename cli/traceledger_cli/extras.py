"""Loading modules whose libraries an extra of the distribution installs."""

from __future__ import annotations

import importlib
from types import ModuleType

from traceledger.errors import UsageError
from traceledger.files.installation import DISTRIBUTION

__all__ = ["EXTRAS", "load"]

EXTRAS = {
    "PIL": "ledger",
    "fontpkg_jetbrains_mono": "ledger",
    "manimgx_fonts": "ledger",
    "manimgx_fonts_cjk": "ledger",
    "qrcode": "ledger",
    "reportlab": "ledger",
    "sqlalchemy": "ledger",
    "sqlmodel": "ledger",
    "uharfbuzz": "ledger",
    "zxingcpp": "scan",
    "httpx": "client",
    "psycopg": "postgres",
    "obstore": "s3",
    "distributed": "dask",
    "openpyxl": "lists",
    "defusedxml": "lists",
    "xlsxwriter": "reports",
    "babel": "server",
    "fastapi": "server",
    "httptools": "server",
    "jinja2": "server",
    "prometheus_client": "server",
    "starlette": "server",
    "uvicorn": "server",
    "uvloop": "server",
}
"""The extra that installs each library; one of them if there are several."""


_OF_COMMANDS = {
    "traceledger_cli.commands.scan": "scan",
    "traceledger_cli.commands.serve": "server",
    "traceledger_cli.commands.witness_serve": "server",
}


def load(module: str, user: str) -> ModuleType:
    """Imports a module; raises UsageError `usage.extra` if the libraries of an extra are missing.

    `user` is what needs the module, for the message.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRAS:
            raise
        extra = _OF_COMMANDS.get(module, EXTRAS[library])
        raise UsageError(
            "usage.extra",
            f"{user} needs {library}, which is not installed",
            hint=f"Install the extra: `pip install '{DISTRIBUTION}[{extra}]'`.",
        ) from error
