from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.world import ORIGIN, make_signer
from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.formats.label import (
    LabelStatement,
    OpenedLabel,
    is_label_statement,
    open_label,
    sign_label,
)
from traceledger.formats.trust import LabelKey
from traceledger.identifiers import format_link, parse_item, parse_link
from traceledger.labels.symbol import make_symbol

STATIC = Path(__file__).parents[2] / "api" / "traceledger_api" / "static"
PROGRAM = """
import { readFileSync } from "node:fs";
import { openLabel } from "./verifier/formats/label.js";
const { fragments, item, origin, keys } = JSON.parse(readFileSync(0, "utf8"));
const codes = [];
for (const fragment of fragments)
  codes.push(await openLabel(fragment, { item, origin, keys }).then(() => "", ({ code }) => code));
console.log(JSON.stringify(codes));
"""
ITEM = "01/09521234543213/21/7KQ2X4PM9ATRWC"
SIGNER = make_signer("approver")
KEYS = (LabelKey(make_signer("other").key.jwk, "party/x"), LabelKey(SIGNER.key.jwk, "party/plant"))
STATEMENT = LabelStatement(ORIGIN, ITEM, "A" * 43, SIGNER.key.kid, "2025-06")
FRAGMENT = sign_label(STATEMENT, SIGNER)


def code_of(fragment: str, item: str = ITEM) -> str:
    """Returns the code with which a fragment is refused, empty if it is accepted."""
    try:
        open_label(fragment, item, ORIGIN, KEYS)
    except TraceledgerError as error:
        return error.code
    return ""


def with_payload(payload: bytes) -> str:
    """Returns a fragment with a valid signature, whatever its payload."""
    signature = SIGNER.sign(b"traceledger/label/v1\n" + payload)
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (payload, signature))
    return ".".join(("v1", *parts))


def members(**changes: Any) -> bytes:
    payload = {name: value for name, value in {**STATEMENT._asdict(), **changes}.items() if value}
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()


def sized(size: int) -> bytes:
    """Returns a payload of another ledger with this size."""
    return members(aud="a" * (size - len(members(aud="a")) + 1))


FORMS = [
    "",
    "v1",
    "v1.",
    "v1..",
    "v2" + FRAGMENT[2:],
    FRAGMENT + ".x",
    FRAGMENT + "A",
    FRAGMENT[:-1],
    FRAGMENT.replace(".", ". ", 1),
    "v1." + "A" * 1500 + ".A",
    with_payload(b"{}"),
    with_payload(b"null"),
    with_payload(b"[]"),
    with_payload(b"\xff"),
    with_payload(members(month="2025-13")),
    with_payload(members(month="2025-6")),
    with_payload(members(month="")),
    with_payload(members(event="A" * 42 + "B")),
    with_payload(members(kid="short")),
    with_payload(members(more="x")),
    with_payload(sized(1001)),
    with_payload(members(aud=["x"])),
    with_payload(b" " + members()),
    with_payload(members() + b"\n"),
    with_payload(members().replace(b"2025", b"\\u0032025")),
    with_payload(b'{"aud":"a","aud":"b",' + members()[1:]),
]


def test_signed_statement_is_opened() -> None:
    assert open_label(FRAGMENT, ITEM, ORIGIN, KEYS) == OpenedLabel(STATEMENT, "party/plant")
    assert is_label_statement(FRAGMENT)
    assert not is_label_statement("p3")


def test_statement_fits_into_a_link_and_a_symbol() -> None:
    link = format_link("https://id.example", parse_item(ITEM), FRAGMENT)
    assert parse_link(link).fragment == FRAGMENT
    assert make_symbol(link).size < 100


@pytest.mark.parametrize("fragment", FORMS)
def test_malformed_fragments_are_refused(fragment: str) -> None:
    assert code_of(fragment) == "label.form"


def test_statement_about_another_part_is_refused() -> None:
    assert code_of(FRAGMENT, ITEM[:-1] + "D") == "label.item"


def test_statement_of_another_ledger_is_refused() -> None:
    assert code_of(with_payload(members(aud="ledger.example/cq-2"))) == "label.origin"


def test_statement_by_an_unknown_key_is_not_accepted() -> None:
    stranger = make_signer("stranger")
    fragment = sign_label(STATEMENT._replace(kid=stranger.key.kid), stranger)
    assert code_of(fragment) == "label.key"


def test_statement_in_the_name_of_another_key_is_refused() -> None:
    stranger = make_signer("stranger")
    payload = members()
    signature = stranger.sign(b"traceledger/label/v1\n" + payload)
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (payload, signature))
    assert code_of(".".join(("v1", *parts))) == "signature.false"


def test_signature_for_something_else_is_refused() -> None:
    payload = members()
    parts = (payload, SIGNER.sign(payload))
    texts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    assert code_of(".".join(("v1", *texts))) == "signature.false"


def changed() -> list[str]:
    """Returns every fragment with one character changed, and every truncation."""
    fragments = [FRAGMENT[:size] for size in range(len(FRAGMENT))]
    for at, character in enumerate(FRAGMENT):
        other = "B" if character != "B" else "C"
        fragments.append(f"{FRAGMENT[:at]}{other}{FRAGMENT[at + 1 :]}")
    return fragments


def test_every_change_and_every_truncation_is_refused() -> None:
    assert all(code_of(fragment) for fragment in changed())


def test_signer_does_not_sign_for_another_key_or_nonsense() -> None:
    with pytest.raises(VerificationError):
        sign_label(STATEMENT._replace(kid=make_signer("other").key.kid), SIGNER)
    with pytest.raises(MalformedError):
        sign_label(STATEMENT._replace(month="June"), SIGNER)


def test_script_of_the_page_agrees_on_every_fragment() -> None:
    others = [
        with_payload(sized(1000)),
        with_payload(members(aud="ledger.example/cq-2")),
        with_payload(members(item=ITEM[:-1] + "D")),
        sign_label(STATEMENT._replace(kid=make_signer("z").key.kid), make_signer("z")),
    ]
    fragments = [FRAGMENT, *FORMS, *others, *changed()]
    keys = [
        {
            "jwk": {"crv": known.jwk.crv, "kty": known.jwk.kty, "x": known.jwk.x},
            "party": known.party,
        }
        for known in KEYS
    ]
    request = {"fragments": fragments, "item": ITEM, "origin": ORIGIN, "keys": keys}
    run = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM],
        cwd=STATIC,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    codes = json.loads(run.stdout)
    differing = [
        (fragment, there, here)
        for fragment, there in zip(fragments, codes, strict=True)
        if there != (here := code_of(fragment))
    ]
    assert differing == []
