"""A verification that does not come to its end: `python long_run.py FOLDER TRUST`.

It says `running` once its processes work, then waits; stopped from the keyboard it says `stopped`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.passports import NOW
from traceledger.formats.trust import TrustFile, format_trust, parse_trust
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.verify.archive import workers
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource

REPOSITORY = Path(__file__).parents[2]


def start(folder: Path, trust: TrustFile) -> subprocess.Popen[bytes]:
    """Starts this program in a group of its own, like a shell does."""
    path = folder.with_suffix(".trust")
    path.write_bytes(format_trust(trust))
    return subprocess.Popen(
        [sys.executable, __file__, folder, path],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def main(folder: Path, trust: Path) -> None:
    workers._WORTH = 1

    def on_progress(done: int, _all: int) -> None:
        if done > TILE_WIDTH:  # this process itself checks the first bundle
            sys.stdout.write("running\n")
            sys.stdout.flush()
            time.sleep(600)

    trusted = parse_trust(trust.read_bytes())
    try:
        verify_archive(FolderSource(folder), trusted, now=NOW, workers=2, on_progress=on_progress)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)  # noqa: T201 - it is read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
