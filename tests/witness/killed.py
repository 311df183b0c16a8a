"""A witness that is killed while it cosigns: `python killed.py WHEN RECORD`.

It cosigns the first checkpoint of the log, and is killed while it cosigns the second: `before` it
writes its record, `between` record and replay, or `after` both.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.passports import CUSTOMS, NOW
from tests.witness import requests
from traceledger.witness import witness as witness_module
from traceledger.witness.replay import WitnessReplay


def die(*_args: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(when: str, record: Path) -> None:
    log = requests.new_log()
    witness = requests.new_witness(CUSTOMS, record)
    witness.cosign_replayed(requests.request(log, 0), requests.entries(log), NOW)
    old = witness.size()
    requests.grow(log)
    fatal = {
        "before": (witness_module, "write_record"),
        "between": (WitnessReplay, "keep"),
        "after": (witness_module, "format_signatures"),
    }[when]
    setattr(*fatal, die)
    witness.cosign_replayed(requests.request(log, old), requests.entries(log, old), NOW)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
