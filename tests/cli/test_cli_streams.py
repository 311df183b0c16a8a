"""Output on terminals whose encoding lacks characters: it is escaped, and never fails."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
from traceledger_cli.output import Output
from traceledger_cli.streams import escape_unencodable
escape_unencodable()
Output(json={json}).result({{"name": {text!r}}}, {text!r})
"""
TEXT = "博世 é \U0001f600 \udc80"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8"])
def test_text_and_json_are_escaped_where_the_encoding_lacks_characters(encoding: str) -> None:
    """A traceback after an event was written would suggest that nothing was written."""
    text = TEXT[:-1]
    for as_json in (False, True):
        program = PROGRAM.format(json=as_json, text=text)
        run = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            env={"PYTHONIOENCODING": encoding},
            check=False,
        )
        assert run.returncode == 0, run.stderr
        # click writes UTF-8 to a stream that claims to be ASCII.
        shown = run.stdout.decode("utf-8" if encoding == "ascii" else encoding)
        if as_json:
            assert json.loads(shown) == {"name": text}
        elif encoding == "latin-1":
            assert shown.split() == ["\\u535a\\u4e16", "é", "\\ud83d\\ude00"]


def test_undecodable_file_name_is_shown_escaped() -> None:
    program = PROGRAM.format(json=False, text=TEXT)
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.decode().split()[-1] == "\\udc80"


def test_program_escapes_on_a_western_terminal() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "traceledger_cli", "verify", "博世.json", "--item", "x/core/1"],
        capture_output=True,
        env={"PYTHONIOENCODING": "latin-1:strict"},
        check=False,
    )
    assert run.returncode == 5, run.stderr
    assert b"\\u535a\\u4e16.json" in run.stderr
