"""Every JavaScript engine finds of every vector what the vector states."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.engines.engines import BROWSERS
from traceledger_api.pages.scripts import compact, join_modules
from traceledger_api.verifier import STATIC

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
VECTORS = REPOSITORY / "tests" / "vectors"
WAYS = {
    "webcrypto": "undefined",
    "fallback": 'await loadEd25519("./vendor/noble-ed25519.js")',  # as seen from ed25519.js
}
WALK = """
Promise.all([import("/walk.js"), import("/static/ed25519.js"), fetch("/vectors.json")])
  .then(async ([{ walk }, { loadEd25519 }, vectors]) => walk(await vectors.json(), %s))
"""

Found = dict[str, list[list[Any]]]
"""What was found of each vector, as pairs with its name."""


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    """All vectors, as `walk` takes them."""
    return {
        "signatures": json.loads((VECTORS / "signatures.json").read_bytes()),
        "labels": json.loads((VECTORS / "labels.json").read_bytes()),
        "lists": json.loads((VECTORS / "trust-lists.json").read_bytes()),
        "passports": [
            (path.name, json.loads(path.read_bytes()))
            for path in sorted((VECTORS / "passport").glob("*.json"))
        ],
        "catalogue": json.loads((STATIC / "catalogue.json").read_bytes()),
    }


class Files(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The walk with the verifier, joined to one script as browsers get it."""
    joined = compact(join_modules(os.path.relpath(HERE / "walk.js", STATIC)))
    script = tmp_path / "walk.js"
    script.write_text(f"{joined}export {{ walk }};\n")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return script


@pytest.fixture
def site(vectors: dict[str, Any], script: Path) -> Iterator[str]:
    """The address of an empty page, beside the script, the fallback and the vectors."""
    folder = script.parent
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "vectors.json").write_text(json.dumps(vectors))
    (folder / "static").symlink_to(STATIC)
    handler = functools.partial(Files, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def differences(vectors: dict[str, Any], found: Found) -> list[tuple[Any, Any]]:
    """The pairs that differ from what the vectors state, after what they state."""
    stated: Found = {
        "signatures": [[row["name"], row["code"]] for row in vectors["signatures"]],
        "labels": [
            [row["desc"], row["code"]] for record in vectors["labels"] for row in record["labels"]
        ],
        "lists": [[row["desc"], row["expect"]] for row in vectors["lists"]],
        "passports": [
            # The exit code is that of the commands.
            [name, {key: value for key, value in vector["expect"].items() if key != "exit"}]
            for name, vector in vectors["passports"]
        ],
    }
    assert min(len(pairs) for pairs in stated.values()) > 10
    return [
        (one, other)
        for name, pairs in stated.items()
        for one, other in zip(pairs, found[name], strict=True)
        if one != other
    ]


@pytest.mark.parametrize("engine", BROWSERS)
def test_browser_finds_what_every_vector_states(
    engine: str, site: str, vectors: dict[str, Any]
) -> None:
    """Engines disagree about some signatures, and so would verdicts in different browsers."""
    visits = [(site, WALK % fallback) for fallback in WAYS.values()]
    for way, found in zip(WAYS, BROWSERS[engine](visits), strict=True):
        assert differences(vectors, found) == [], way


@pytest.mark.parametrize("way", WAYS)
def test_node_finds_what_every_vector_states(
    way: str, vectors: dict[str, Any], script: Path
) -> None:
    """Engines disagree about some signatures, and so would commands and browsers."""
    run = subprocess.run(
        ["node", HERE / "walk.mjs", script, way],
        input=json.dumps(vectors),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert differences(vectors, json.loads(run.stdout)) == []
