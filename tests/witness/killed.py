"""A witness that is killed while it cosigns: `python killed.py WHEN RECORD`.

It has cosigned the first checkpoint of the log; on the way to the second it dies at `WHEN`:
`before` it writes its record, `between` record and replay, or `after` both.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import tests.witness.requests as given
from tests.passports import CUSTOMS, NOW
from traceledger.witness import witness as witness_module
from traceledger.witness.replay import WitnessReplay


def die(*_args: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(when: str, record: Path) -> None:
    log = given.new_log()
    witness = given.new_witness(CUSTOMS, record)
    witness.cosign_replayed(given.request(log, 0), given.entries(log), NOW)
    old = witness.size()
    given.grow(log)
    place = {
        "before": (witness_module, "write_record"),
        "between": (WitnessReplay, "keep"),
        "after": (witness_module, "format_signatures"),
    }[when]
    setattr(*place, die)
    witness.cosign_replayed(given.request(log, old), given.entries(log, old), NOW)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
