from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.vectors.generate import EXITS, FOLDER, all_cases, format_vector, judge

PATHS = sorted(FOLDER.glob("*.json"))
SPEC = Path(__file__).parents[2] / "docs" / "spec"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_library_finds_what_the_vector_says(path: Path) -> None:
    vector = json.loads(path.read_text())
    coded = vector.get("passport_base64")
    passport = base64.b64decode(coded) if coded else vector["passport"].encode()
    report = judge(
        passport,
        vector["trust"].encode(),
        vector["item"],
        vector["now"],
        first_use=vector.get("first_use", False),
        companions=[
            (one["passport"].encode(), one["trust"].encode())
            for one in vector.get("companions", ())
        ],
    )
    assert report | {"exit": EXITS[report["result"]]} == vector["expect"]


def test_the_vectors_are_those_that_the_generator_makes() -> None:
    made = {f"{case.name}.json": format_vector(case) for case in all_cases()}
    assert made == {path.name: path.read_text() for path in PATHS}, "run `make generate`"
    assert len(made) >= 80


def test_the_specification_names_every_code_of_a_vector() -> None:
    """A second implementer must not have to guess the code of a refusal."""
    texts = {name: (SPEC / name).read_text() for name in ("passport.md", "trust.md")}
    for path in PATHS:
        found = json.loads(path.read_text())["expect"]
        if found["result"] in {"refused", "unchecked"}:
            named = "passport.md" if found["result"] == "refused" else "trust.md"
            assert any(f"`{code}`" in texts[named] for code in found["codes"]) or (
                found["codes"][0].startswith("item.")  # the item requested
            ), path.name


@pytest.mark.parametrize(
    ("name", "result", "codes"),
    [
        ("former-at-hand", "verified", []),
        ("former-long-ago", "verified", []),
        ("former-of-a-part", "verified", []),
        ("former-without-quorum", "incomplete", ["quorum.none"]),
        ("former-not-at-hand", "missing", []),
        ("former-another-passport", "missing", []),
        ("former-trust-of-another", "missing", []),
    ],
)
def test_an_earlier_life_is_followed_only_by_the_passport_that_the_event_names(
    name: str, result: str, codes: list[str]
) -> None:
    expect = json.loads((FOLDER / f"{name}.json").read_text())["expect"]
    (life,) = expect["former"]
    assert (expect["result"], life["result"], life["codes"]) == ("verified", result, codes)
    assert ("as_of" in life) == (result == "verified")
