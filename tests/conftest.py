from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import CHROMIUM, FLAGS
from tests.isolation import isolate
from tests.object_store import ObjectStore, running_object_store
from tests.postgresql import Server, running_server

isolate()

Counts = Callable[..., None]
Make = Callable[[Path], None]

# No test asserts a time. `steady` looks at the same examples on every machine, so that a red run
# means a fault of the change; `search`, which `make faults` takes, looks at others each time.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _UNTIMED, derandomize=True)
settings.register_profile("search", _UNTIMED, max_examples=300)
settings.load_profile("steady")


@dataclass(frozen=True, slots=True)
class SmallDemo:
    """A ledger that the demo made, its trust file and a good passport, for tests that only read."""

    root: Path
    ledger: Path
    trust: Path
    passport: Path
    unit: str
    events: int
    items: int


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the programs that belong to the Python that runs the tests."""
    return Path(sys.prefix) / "bin"


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Makes a folder once for all processes of a test run: `make_once(name, make)`."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def made(name: str, make: Make) -> Path:
        folder, done = base / name, base / f"{name}.done"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def small_demo(make_once: Callable[[str, Make], Path], programs: Path) -> SmallDemo:
    def make(folder: Path) -> None:
        options = ["--cores", "24", "--seed", "1", "--json"]
        run = subprocess.run(
            [programs / "traceledger", "demo", "demo", *options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        (folder / "summary.json").write_text(run.stdout)

    folder = make_once("small-demo", make)
    summary = json.loads((folder / "summary.json").read_text())
    return SmallDemo(
        root=folder / "demo",
        ledger=folder / summary["ledger"],
        trust=folder / summary["trust"],
        passport=folder / summary["passport"],
        unit=summary["unit"],
        events=summary["events"],
        items=summary["items"],
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives long tests a longer bound against hanging than `timeout` in pyproject.toml."""
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.timeout(7200))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests counted (fixture `counts` of `tests/faults`), summed by title."""
    sums: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, counted in report.user_properties:
                if name == "counts" and report.when == "call":
                    title, numbers = cast("tuple[str, dict[str, int]]", counted)
                    total = sums.setdefault(title, Counter(dict.fromkeys(numbers, 0)))
                    total.update(numbers)
    if sums:
        terminalreporter.section("accidents")
    for title, total in sorted(sums.items()):
        said = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in total.items())
        terminalreporter.write_line(f"{title}: {said}")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this process, each of which has its own database."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[ObjectStore]:
    with running_object_store() as store:
        yield store


@pytest.fixture
def object_store(s3_server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """An empty bucket `copies`, to which the variables of the AWS tools lead."""
    s3_server.empty()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for one module: Playwright's loop must not run beside tests that have their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def counts(record_property: Callable[[str, object], None]) -> Counts:
    """`counts("power cuts", states=2113, lost=0)` is printed at the end of the test run.

    Numbers of several tests under one title are summed.
    """

    def count(title: str, **numbers: int) -> None:
        record_property("counts", (title, numbers))

    return count
