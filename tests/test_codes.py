"""Every error has a code of the table, and every code of the table is raised somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from traceledger import errors
from traceledger.codes import CODES

REPOSITORY = Path(__file__).parents[1]
ROOMS = ("traceledger", "cli", "api")
# Codes that only verification of a passport or a label reports.
FOR_READERS = ("passport.", "label.")
CLASSES = {name for name in errors.__all__ if name.endswith("Error")}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            if path.parent.name != "codes" and path.name != "errors.py":
                yield path, ast.parse(path.read_text())


def first_arguments() -> Iterator[tuple[str, ast.expr]]:
    """What each call of an error class is given as its code, and where."""
    for path, tree in trees():
        for node in ast.walk(tree):
            # click has a UsageError of its own, which is called by its full name.
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CLASSES
                and node.args
            ):
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno}", node.args[0]


def literals(expression: ast.expr) -> list[str]:
    """The texts that an expression can become, as far as it is written out."""
    if isinstance(expression, ast.Constant):
        return [str(expression.value)]
    if isinstance(expression, ast.IfExp):
        return literals(expression.body) + literals(expression.orelse)
    return []


def test_every_raised_code_is_in_the_table() -> None:
    unknown = {
        f"{place} {code}"
        for place, expression in first_arguments()
        for code in literals(expression)
        if code not in CODES
    }
    assert unknown == set()


def test_hints_suit_every_reader_of_their_code() -> None:
    """A witness, an auditor or a plant that appends must not be sent to fetch a passport."""
    wrong = {
        name
        for name, code in CODES.items()
        if "etch " in code.hint or ("passport" in code.hint and not name.startswith(FOR_READERS))
    }
    assert wrong == set()


def test_every_code_of_the_table_is_used() -> None:
    written = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(CODES.keys() - written) == []


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    for code, entry in CODES.items():
        assert re.fullmatch(r"[a-z_-]+\.[a-z0-9._-]+|[A-Z]{3}-[0-9]{2}", code), code
        assert entry.meaning.endswith("."), code
        assert entry.hint.endswith("."), code


def test_every_finding_is_explained_in_chinese() -> None:
    for code, entry in CODES.items():
        if code.isupper():
            assert entry.meaning_zh.endswith("。"), code
            assert entry.hint_zh.endswith("。"), code
