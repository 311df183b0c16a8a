"""Reading passphrases from a file, a systemd credential or a prompt on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.events.passphrases import parse_new_passphrase, parse_passphrase
from traceledger.identifiers.excerpt import printable
from traceledger_cli.options.files import read_input

__all__ = ["ask_passphrase", "find_passphrase"]

_CREDENTIAL = "traceledger-passphrase"


def find_passphrase(file: Path | None, what: str) -> bytes:
    """Returns the passphrase that opens `what`; of a file, without the line end.

    Raises UsageError `usage.passphrase` if none is given and there is no terminal.
    """
    found = file or _credential()
    if found is not None:
        return _parse(found, parse_passphrase)
    return _prompt(f"Passphrase of {what}", confirm=False)


def ask_passphrase(file: Path | None, what: str) -> bytes:
    """Returns the passphrase for a new key; a terminal prompts for it twice."""
    found = file or _credential()
    if found is not None:
        return _parse(found, parse_new_passphrase)
    return _prompt(f"New passphrase for {what}", confirm=True)


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, _CREDENTIAL) if folder else None
    return path if path is not None and path.is_file() else None


def _parse(file: Path, parse: Callable[[bytes], bytes]) -> bytes:
    try:
        return parse(read_input(file))
    except UsageError as error:
        raise error.at(str(file)) from error


def _prompt(text: str, *, confirm: bool) -> bytes:
    if not sys.stdin.isatty():
        raise UsageError(
            "usage.passphrase", f"none is given and there is no terminal to prompt on: {text}"
        )
    answer = click.prompt(printable(text), hide_input=True, confirmation_prompt=confirm, err=True)
    return str(answer).encode()
