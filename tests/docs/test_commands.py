"""Runs the commands that the pages show, each page from its top in one shell and one folder.

A block that begins with three backquotes and `console` holds commands: a line that begins with
`$ ` is run, and `> ` continues it. A command must end well, or with the code in a comment at its
end, `# exit 3`. What it prints is compared only in a block marked `console exact`. A page that says
`<!-- needs: demo -->` gets a small demo in `demo/`, and its unit's id in `UNIT`; one that says
`<!-- needs: postgresql -->` gets the addresses of two new databases in `STORE` and `SECOND_STORE`.
`make` is not run: other tests see to its targets. `traceledger` starts by a fork (`tests/warm.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SmallDemo
from tests.postgresql import Server
from tests.postgresql import programs as postgresql_programs
from tests.warm import warm_program

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(REPOSITORY))
    for path in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]
)
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (?P<text>.*\n(?:> .*\n)*)(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
EXIT = re.compile(r"# exit (\d+)$")
MARK = "-- end of command --"


@dataclass(frozen=True, slots=True)
class Command:
    text: str
    code: int
    output: str | None


def commands(page: str) -> Iterator[Command]:
    for fence in FENCE.finditer(page):
        if fence["info"] not in {"console", "console exact"}:
            continue
        for match in COMMAND.finditer(fence["body"]):
            text = match["text"].replace("\n> ", "\n").rstrip()
            code = EXIT.search(text)
            exact = fence["info"] == "console exact"
            yield Command(text, int(code[1]) if code else 0, match["output"] if exact else None)


def run_page(page: str, folder: Path, environment: dict[str, str]) -> None:
    """Runs a page's commands and asserts how each ends and, where shown exactly, what it prints."""
    wanted = [command for command in commands(page) if not command.text.startswith("make ")]
    script = "".join(f"{command.text}\nprintf '\\n{MARK}%d\\n' $?\n" for command in wanted)
    shell = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"LANG": "C.UTF-8", "HOME": str(folder), "PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    done = re.findall(rf"(.*?)\n{MARK}(\d+)\n", shell.stdout, re.DOTALL)
    for command, (output, code) in zip(wanted, done, strict=False):
        assert int(code) == command.code, f"$ {command.text}\n{output}"
        if command.output is not None:
            assert output == command.output, f"$ {command.text}"
    assert len(done) == len(wanted), shell.stdout


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a `traceledger` that starts fast."""
    with warm_program(tmp_path_factory.mktemp("warm")) as folder:
        yield folder


@pytest.mark.parametrize("name", PAGES)
def test_commands_of_page_do_what_it_says(
    name: str, tmp_path: Path, programs: Path, warm: Path, request: pytest.FixtureRequest
) -> None:
    page = (REPOSITORY / name).read_text()
    environment = {"PATH": f"{warm}:{programs}:{os.environ['PATH']}"}
    if "<!-- needs: demo -->" in page:
        demo: SmallDemo = request.getfixturevalue("small_demo")
        shutil.copytree(demo.root, tmp_path / "demo")
        environment["UNIT"] = demo.unit
    if "<!-- needs: postgresql -->" in page:
        server: Server = request.getfixturevalue("postgresql")
        environment["PATH"] += f":{postgresql_programs()}"
        for variable in ("STORE", "SECOND_STORE"):
            environment[variable] = server.address(server.new_database())
    run_page(page, tmp_path, environment)


@pytest.mark.parametrize("name", PAGES)
def test_page_shows_commands_only_where_they_are_run(name: str) -> None:
    page = (REPOSITORY / name).read_text()
    assert page.count("\n```") == 2 * len(FENCE.findall(page))
    for fence in FENCE.finditer(page):
        assert fence["info"] not in {"bash", "sh", "shell", "shell-session"}
        if fence["info"].startswith("console"):
            assert fence["info"] in {"console", "console exact"}
            assert fence["body"].startswith("$ ")


def test_shell_of_a_page_keeps_folder_and_variables(tmp_path: Path) -> None:
    page = (
        "```console exact\n$ cd / && here=$PWD\n$ echo \\\n> $here\n/\n$ (exit 3) # exit 3\n```\n"
    )
    run_page(page, tmp_path, {})


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ false\n```\n",
        "```console\n$ true # exit 3\n```\n",
        "```console\n$ exit 0\n$ true\n```\n",
        "```console\n$ echo 'not closed\n```\n",
        "```console exact\n$ echo one\ntwo\n```\n",
    ],
)
def test_wrong_command_of_a_page_is_found(block: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_page(block, tmp_path, {})
