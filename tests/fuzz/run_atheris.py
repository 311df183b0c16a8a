"""Fuzzing by coverage: `python run_atheris.py TARGET SECONDS FOLDER`, or `all` for every target.

libFuzzer ends the process at the first input that breaks the promise, takes more than ten seconds
or a gigabyte; the input is left in FOLDER.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris
from atheris.import_hook import instrument_imports

with instrument_imports(include=["traceledger"]):
    from tests.fuzz.targets import TARGETS, check


def main(name: str, seconds: str, folder: Path) -> None:
    chosen = list(TARGETS.values()) if name == "all" else [TARGETS[name]]
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, target in enumerate(chosen):
        for at, seed in enumerate(target.seeds):
            (corpus / f"{number}-{at}").write_bytes(bytes([number]) + seed)

    def run(data: bytes) -> None:
        if data:
            check(chosen[data[0] % len(chosen)], data[1:])

    options = (
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder}/",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=70000",
        "-seed=1",
        "-verbosity=0",
    )
    atheris.Setup([sys.argv[0], str(corpus), *options], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
