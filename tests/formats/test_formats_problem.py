"""Problems: what a server raises, a client raises again, whatever the class and the code."""

from __future__ import annotations

import json

import pytest

from traceledger.codes import CODES
from traceledger.errors import MalformedError, NotFoundError, StorageError, TraceledgerError
from traceledger.formats.problem import CLASSES, Problem, format_problem, parse_problem, status_of
from traceledger.manifests.faults import ManifestError
from traceledger.verify.refusal import RefusedError

BASE = "https://ledger.example"


def send(error: TraceledgerError) -> TraceledgerError:
    return parse_problem(format_problem(error, base=BASE, request_id="4044a02f"))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: str(kind.__name__))
def test_error_comes_out_of_a_client_as_it_went_into_the_server(
    kind: type[TraceledgerError],
) -> None:
    for code in CODES:
        error = kind(code, "8004/9521 has another event", where="event 3", hint="read its head")
        sent = send(error)
        assert (type(sent), sent.code, sent.hint) == (kind, code, "read its head")
        if status_of(error) < 500 or CLASSES[kind].category == "busy":
            assert (sent.message, sent.where) == (error.message, error.where)
        else:
            assert (sent.message, sent.where) == (error.meaning, "")


def test_every_class_of_errors_has_a_category_of_its_own() -> None:
    assert set(CLASSES) == set(TraceledgerError.__subclasses__())
    assert len({row.category for row in CLASSES.values()}) == len(CLASSES)


@pytest.mark.parametrize(
    "error", [RefusedError("seal.form", "x", chain="ledger"), ManifestError("manifest.line", "x")]
)
def test_error_of_a_narrower_class_is_one_of_its_class(error: TraceledgerError) -> None:
    assert type(send(error)) is type(error).__mro__[1]


def test_words_of_a_broken_disk_stay_in_the_server() -> None:
    error = StorageError("store.write", "/srv/secret: I/O error", where="/srv/secret")
    assert b"secret" not in format_problem(error, base=BASE, request_id="")


def test_words_of_a_server_cannot_trick_a_terminal() -> None:
    evil = "\x1b[2J\u202eevil"
    sent = send(NotFoundError("item.unknown", evil, where=evil, hint=evil))
    for text in (sent.message, sent.where, sent.hint):
        assert "\x1b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize(
    "change",
    [
        {"code": "no.such-code"},
        {"category": "no-such-category"},
        {"category": None},
        {"code": 1},
        {"detail": []},
    ],
)
def test_rejects_a_problem_that_is_none_of_ours(change: dict[str, object]) -> None:
    error = NotFoundError("item.unknown", "x")
    problem = json.loads(format_problem(error, base=BASE, request_id=""))
    with pytest.raises(MalformedError, match=r"problem\.form"):
        parse_problem(json.dumps({**problem, **change}).encode())


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff", b"[]", b"null", b"[" * 5000])
def test_rejects_what_is_no_problem(data: bytes) -> None:
    with pytest.raises(MalformedError, match=r"problem\.form"):
        parse_problem(data)


def test_address_of_the_page_about_a_code_is_the_type() -> None:
    error = NotFoundError("item.unknown", "x")
    problem = json.loads(format_problem(error, base=BASE, request_id="4044a02f"))
    assert problem["type"] == f"{BASE}/problems/item.unknown"
    assert problem["request_id"] == "4044a02f"
    assert problem.keys() <= set(Problem.__struct_fields__)
