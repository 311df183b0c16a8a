"""A second process that writes to a database: `python second_writer.py PLACE FIRST`.

It prints `READY`, waits until its input ends, then appends requests of imports starting at number
FIRST and publishes occasionally. Each receipt is a line on standard output, in hexadecimal.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.ledger.bench import LOG, clock, import_drafts
from tests.world import ORIGIN, make_signer
from traceledger.ledger.ledger import Ledger
from traceledger.planning.signing import find_identity, sign_drafts
from traceledger.storage.opening import is_address, open_store

REQUESTS = 25


def main(place: str, first: int) -> None:
    store = open_store(place if is_address(place) else Path(place), write=True, beside=True)
    ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=0)
    signer = make_signer("importer")
    identity = find_identity(ledger, signer.key.kid)
    say("READY")
    sys.stdin.read()
    for number in range(REQUESTS):
        drafts = import_drafts(2, first=first + 10 * number)
        signed = sign_drafts(
            ledger, drafts, signer, identity, randbytes=random.Random(number).randbytes
        )
        say(ledger.append([signature.wire for signature in signed]).receipt.hex())
        if number % 4 == 0:
            ledger.publish()
    ledger.close()


def say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - it is read by the test


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
