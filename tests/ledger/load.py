"""A process under load, to be killed: `python load.py DIRECTORY RUN`.

It appends requests and publishes, then waits to be killed. On standard output it reports requests
(`TRY first count`), acknowledgements (`ACK receipt`) and published checkpoints (`PUB note`), the
last two in hexadecimal.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.ledger.bench import LOG, clock, import_drafts
from tests.world import ORIGIN, make_signer
from traceledger.ledger.ledger import Ledger
from traceledger.planning.signing import find_identity, sign_drafts
from traceledger.storage.sqlite import SqliteStore

COUNTS = (1, 3, 270, 20, 1, 40, 5)


def main(directory: Path, run: int) -> None:
    store = SqliteStore(directory / "ledger.db", write=True)
    ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=2)
    chance = random.Random(run)
    signer = make_signer("importer")
    identity = find_identity(ledger, signer.key.kid)
    first = run * 10_000
    requests = []
    for count in COUNTS:
        drafts = import_drafts(count, first=first)
        signed = sign_drafts(ledger, drafts, signer, identity, randbytes=chance.randbytes)
        requests.append((first, [signature.wire for signature in signed]))
        first += count
    say("READY")
    for first, wires in requests:
        say("TRY", first, len(wires))
        say("ACK", ledger.append(wires).receipt.hex())
        if chance.random() < 0.7:
            say("PUB", ledger.publish().hex())
    sys.stdin.read()


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - it is read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
