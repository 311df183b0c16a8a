"""Archives of the demo's story with any number of cores, for measuring audits.

`python -m benchmarks.shipments FOLDER CORES` writes `FOLDER/archive` and `FOLDER/trust.json`. The
rows of the demo's manifest repeat with other serial numbers. A core has about 18 events.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import resources
from itertools import cycle, islice
from pathlib import Path
from random import Random

from traceledger.formats.note import NoteSigner
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TrustFile, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.identifiers import parse_item
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.reading.archives import export_archive
from traceledger.manifests.declaration import read_declaration
from traceledger.manifests.manifest import ManifestRow, read_manifest
from traceledger.planning.keys import LOG_KEY, ROOT_KEY
from traceledger.views.history import CUSTOMS
from traceledger_cli.demo.cast import PASSPHRASE, Cast
from traceledger_cli.demo.clock import Clock
from traceledger_cli.demo.fates import decide_fates
from traceledger_cli.demo.story import Story

ORIGIN = "ledger.example/audit"
SEED = 1


def make_archive(folder: Path, cores: int) -> None:
    """Plays the story and exports an archive for customs, with a trust file without witnesses."""
    cast, random, clock = Cast(SEED, folder / "keys"), Random(SEED), Clock()
    home = Home.create(folder / "ledger", ORIGIN, "https://ledger.example")
    home.keys.add(LOG_KEY, cast.signer("ledger", "log"), PASSPHRASE)
    home.keys.add(ROOT_KEY, cast.signer("ledger", "root"), PASSPHRASE)
    log = format_vkey(NoteSigner(ORIGIN, cast.signer("ledger", "log")).verifier)
    rows = _repeat(read_manifest(_data("manifest-1080-tcm.csv")).rows, cores)
    ledger = home.write(clock, PASSPHRASE)
    try:
        fates = decide_fates(rows, random)
        story = Story(home, ledger, clock, cast, random, fates, lambda _events: None)
        story.play(read_declaration(_data("declaration-inbound.csv")).rows, log)
        policy = f"log {log}\nquorum none\n"
        trust = TrustFile(
            origin=ORIGIN,
            founding=ledger.founding,
            policy_text=policy,
            policy=parse_policy(policy.encode()),
            customs=(ledger.heads(["party/customs"])["party/customs"].first,),
            items=("8004/9521234",),
            max_age=86_400,
        )
        (folder / "trust.json").write_bytes(format_trust(trust))
        export_archive(ledger, folder / "archive", CUSTOMS)
    finally:
        ledger.close()


def _repeat(rows: tuple[ManifestRow, ...], cores: int) -> tuple[ManifestRow, ...]:
    """Returns as many rows, each with the number of its core."""
    return tuple(
        replace(row, row=number, core=parse_item(f"{row.core.text[:-6]}{number:06}"))
        for number, row in enumerate(islice(cycle(rows), cores), start=1)
    )


def _data(name: str) -> bytes:
    return (resources.files("traceledger_cli.demo") / "data" / name).read_bytes()


if __name__ == "__main__":
    make_archive(Path(sys.argv[1]), int(sys.argv[2]))
