from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from traceledger.errors import MalformedError
from traceledger.ledger.keeping.home import Home

WITHOUT_DRIVER = """
import sys
sys.modules["psycopg"] = None  # as if it were not installed
from pathlib import Path
from traceledger.errors import UsageError
from traceledger.ledger.keeping.home import Home
try:
    Home.open(Path(sys.argv[1])).open_store()
except UsageError as error:
    print(error.code, error.hint)
"""


def write_settings(folder: Path, store: str) -> None:
    lines = ('origin = "ledger.example/cq-1"', 'url = "https://id.example"', f'store = "{store}"')
    (folder / "traceledger.toml").write_text("\n".join(lines))


def test_without_the_driver_the_extra_is_named(tmp_path: Path) -> None:
    write_settings(tmp_path, "postgresql://ledger@127.0.0.1/ledger")
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_DRIVER, tmp_path], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("usage.extra Install the extra: ")
    assert "[postgres]" in run.stdout


@pytest.mark.parametrize("store", ["mysql://ledger@127.0.0.1/ledger", "ledger.db"])
def test_settings_with_another_kind_of_store_are_refused(tmp_path: Path, store: str) -> None:
    write_settings(tmp_path, store)
    with pytest.raises(MalformedError) as caught:
        Home.open(tmp_path)
    assert caught.value.code == "ledger.config"
