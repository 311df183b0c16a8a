"""Joining the modules of a page to one script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from traceledger_api.pages.scripts import compact, join_modules
from traceledger_api.verifier import STATIC

SHARED = """// @ts-check
const LEAST = 1;

// How much.
export const amount = () => LEAST;
"""


USES = (("\n  amount,\n", "shared"), ("ask", "middle"))


def join(folder: Path, **modules: str) -> str:
    """Writes modules and joins `page`, with all that it imports."""
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    return join_modules(os.path.relpath(folder / "page.js", STATIC))


def test_each_module_comes_once_and_after_its_imports(tmp_path: Path) -> None:
    one, other = (f'import {{ {name} }} from "./{file}.js";\n' for name, file in USES)
    joined = join(
        tmp_path,
        shared=SHARED,
        middle=f"{one}export async function ask() {{ amount(); }}\n",
        page=f"{other}{one}ask(amount);\n",
    )
    assert compact(joined).splitlines() == [
        "const LEAST = 1;",
        "const amount = () => LEAST;",
        "async function ask() { amount(); }",
        "ask(amount);",
    ]


@pytest.mark.parametrize(
    "source", ["const LEAST = 2;", "let LEAST;", "function LEAST() {}", "class LEAST {}"]
)
def test_refuses_a_name_that_two_modules_declare(source: str, tmp_path: Path) -> None:
    """In one scope, one of two functions alike would silently take the place of the other."""
    page = f'import {{ amount }} from "./shared.js";\n{source}\namount();\n'
    with pytest.raises(ValueError, match=r"shared\.js and .*page\.js both declare LEAST"):
        join(tmp_path, shared=SHARED, page=page)


@pytest.mark.parametrize(
    "source",
    [
        'import { amount as most } from "./shared.js";',
        'import * as shared from "./shared.js";',
        'import "./shared.js";',
        'export { amount } from "./shared.js";',
        "export default 1;",
        "const { host } = location;",
        "let [first] = [1];",
    ],
)
def test_refuses_forms_whose_names_it_does_not_read(source: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be joined"):
        join(tmp_path, shared=SHARED, page=f"{source}\n")
