"""The files in `deploy/`, as far as they can be checked without the machines that they are for."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from traceledger_api.bounds import FILES_OF_ARCHIVES
from traceledger_api.limits import Limits
from traceledger_api.routes.console_visits import LIST

UNITS = (
    "traceledger.service",
    "traceledger-witness.service",
    "traceledger-witness.timer",
    "cluster/patroni.service",
)


def test_images_are_built_from_files_that_exist(repository: Path) -> None:
    """Without a name, Docker looks for `Dockerfile`, and only Podman for `Containerfile`."""
    cluster = repository / "deploy" / "cluster"
    builds = re.findall(r"build: \{(.*)\}", (cluster / "compose.yaml").read_text())
    assert len(builds) == 4
    for build in builds:
        given = dict(re.findall(r"(context|dockerfile): ([^,]+)", build))
        assert (cluster / given["context"] / given["dockerfile"]).is_file()


def test_proxy_has_the_limits_of_the_server(repository: Path) -> None:
    """A mirror of the disclosures was slowed down to a tenth."""
    text = (repository / "deploy" / "nginx.conf").read_text()
    places = dict(re.findall(r"location (?:= )?(\S+) \{(.*?)\}", text, re.DOTALL))
    limits = Limits()
    assert f"zone=traceledger:10m rate={limits.rate:.0f}r/s" in text
    assert f"zone=tiles:10m rate={limits.rate * limits.tile_factor:.0f}r/s" in text
    for path in FILES_OF_ARCHIVES:
        assert f"zone=tiles burst={limits.burst * limits.tile_factor} nodelay" in places[path]
    for path, most in (("/api/v1/events", limits.event_body), (LIST, limits.list_body)):
        assert f"client_max_body_size {most >> 20}m;" in places[path]
    assert f"client_max_body_size {limits.small_body >> 20}m;" in text


@pytest.mark.faults  # not every machine that runs the other tests has systemd's programs
def test_systemd_finds_no_fault_in_the_units(repository: Path, tmp_path: Path) -> None:
    """systemd ignores a setting that it does not know, and with it a protection."""
    deploy, units = repository / "deploy", tmp_path / "etc" / "systemd" / "system"
    more = units / "traceledger.service.d"
    more.mkdir(parents=True)
    shutil.copy(deploy / "cluster" / "traceledger-database.conf", more / "database.conf")
    for name in UNITS:
        text = (deploy / name).read_text()
        (units / Path(name).name).write_text(text)
        for program in re.findall(r"^Exec\w+=[-+]*(\S+)", text, re.MULTILINE):
            file = tmp_path / program.removeprefix("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(0o755)
    # The targets that units name are systemd's own.
    own = tmp_path / "usr" / "lib" / "systemd" / "system"
    own.mkdir(parents=True)
    for target in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(target, own, follow_symlinks=False)
    names = [Path(name).name for name in UNITS]
    command = ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}", *names]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
