"""Generated files: a generator that `make generate` omits leaves a stale file behind."""

from __future__ import annotations

import re
from pathlib import Path


def test_make_generate_runs_every_generator(repository: Path) -> None:
    script = (repository / "scripts" / "generate").read_text()
    run = set(re.findall(r"(?:-m|^write) ([\w.]+)", script, re.MULTILINE))
    generators = set()
    for room in ("traceledger", "api", "cli", "tests"):
        for path in (repository / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            documented = re.search(r"^    python -m ([\w.]+)( > [\w./-]+)?$", text, re.MULTILINE)
            if documented and '__name__ == "__main__"' in text:
                generators.add(documented[1])
    assert generators <= run
    assert len(run) == 6
