"""`python -m traceledger_cli` is the program `traceledger`."""

from __future__ import annotations

from traceledger_cli.main import main

main(prog_name="traceledger")
