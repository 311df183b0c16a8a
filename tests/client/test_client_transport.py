"""The client against a scripted server: retries, errors and answers that make no sense."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from tests.passports import Log
from tests.world import World
from traceledger.client.remote import RemoteLedger
from traceledger.client.transport import INTERACTIVE, UNATTENDED, Patience, Transport
from traceledger.errors import (
    BusyError,
    ConflictError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    RemoteError,
    StorageError,
    TraceledgerError,
    UsageError,
    VerificationError,
)
from traceledger.formats.problem import CLASSES
from traceledger.views.rows import Search
from traceledger.views.searches import search_all


class Scripted:
    """A server that sends scripted answers in order: status, headers, body."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        scripted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                scripted.seen.append((self.command, self.path, dict(self.headers), body))
                status, headers, answer = scripted.answers.pop(0)
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_args: object) -> None:
                """Logs nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.pauses: list[float] = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @contextlib.contextmanager
    def transport(self, token: str = "", patience: Patience = INTERACTIVE) -> Iterator[Transport]:
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        transport = Transport(url, token=lambda: token, sleep=self.pauses.append, patience=patience)
        with contextlib.closing(transport):
            yield transport
        self.server.shutdown()
        self.server.server_close()


def problem(
    status: int, code: str, kind: type[TraceledgerError] | None = None, **more: str
) -> tuple[int, dict[str, str], bytes]:
    body = {"code": code, "detail": "what happened", "hint": "do this", **more}
    if kind is not None:
        body["category"] = CLASSES[kind].category
    return status, {"Content-Type": "application/problem+json"}, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "event.field", MalformedError),
        (401, "access.needed", NotAllowedError),
        (403, "key.role", NotAllowedError),
        (404, "item.unknown", NotFoundError),
        (409, "chain.taken", ConflictError),
        (413, "request.size", MalformedError),
        (422, "signature.false", VerificationError),
    ],
)
def test_problem_becomes_the_error_of_its_code(
    status: int, code: str, kind: type[TraceledgerError]
) -> None:
    server = Scripted(problem(status, code, kind, where="event 3"))
    with server.transport() as transport, pytest.raises(kind) as caught:
        transport.get("/x")
    assert (caught.value.code, caught.value.message) == (code, "what happened")
    assert caught.value.where == "event 3"
    assert server.pauses == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(429, "request.rate", BusyError), (503, "store.write", StorageError)],
)
def test_transient_failure_is_retried_and_then_raised(
    status: int, code: str, kind: type[TraceledgerError]
) -> None:
    server = Scripted(*[problem(status, code, kind)] * 5)
    with server.transport() as transport, pytest.raises(kind):
        transport.get("/x")
    assert server.pauses == [0.2, 0.4, 0.8, 1.6]


def busy(retry_after: str) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = problem(429, "request.rate", BusyError)
    return status, {**headers, "Retry-After": retry_after}, body


def test_client_waits_as_long_as_the_server_asks() -> None:
    server = Scripted(busy("3"), busy("10"), (200, {}, b'{"a": 1}'))
    with server.transport() as transport:
        assert transport.get("/x") == {"a": 1}
    assert server.pauses == [3.0, 10.0]


@pytest.mark.parametrize("asked", ["11", "86400", "9" * 400, "Wed, 21 Oct 2155 07:28:00 GMT"])
def test_client_does_not_ask_again_before_the_server_allows(asked: str) -> None:
    """A pause cut short would be another request that the server refused in advance."""
    server = Scripted(busy(asked))
    with server.transport() as transport, pytest.raises(BusyError):
        transport.get("/x")
    assert server.pauses == []


@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-1", "Wed, 99999"])
def test_pause_that_is_over_or_unreadable_is_the_clients_own(asked: str) -> None:
    server = Scripted(busy(asked), (200, {}, b'{"a": 1}'))
    with server.transport() as transport:
        assert transport.get("/x") == {"a": 1}
    assert server.pauses == [0.2]


def test_unattended_client_waits_minutes() -> None:
    server = Scripted(busy("600"), *[busy("1")] * 10, (200, {}, b'{"a": 1}'))
    with server.transport(patience=UNATTENDED) as transport:
        assert transport.get("/x") == {"a": 1}
    assert server.pauses[0] == 600.0
    assert len(server.pauses) == 11


def test_request_whose_answer_was_lost_is_sent_again_with_the_same_body() -> None:
    server = Scripted((0, {}, b""), (200, {}, b"{}"))
    with server.transport("a.b.c") as transport:
        assert transport.post("/events", b"event~\n", "application/x-ndjson") == {}
    assert [body for _, _, _, body in server.seen] == [b"event~\n"] * 2
    assert {headers["Authorization"] for _, _, headers, _ in server.seen} == {"Bearer a.b.c"}


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<html>"),
        (200, {}, b"\xff"),
        (500, {}, b"oops"),
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(80 << 20))),
        problem(404, "no.such-code", NotFoundError),
        problem(418, "item.unknown"),
    ],
)
def test_unintelligible_answer_is_a_remote_error(
    answer: tuple[int, dict[str, str], bytes],
) -> None:
    server = Scripted(answer)
    with server.transport() as transport, pytest.raises(RemoteError, match=r"remote\.answer"):
        transport.get("/x")


@pytest.mark.parametrize("answer", [(0, {}, b""), (502, {}, b"<html>")])
def test_append_without_an_answer_may_have_been_written(
    answer: tuple[int, dict[str, str], bytes],
) -> None:
    """A command that is repeated signs another event: a second repair or move in the log."""
    world = World()
    server = Scripted(*[answer] * INTERACTIVE.attempts)
    with server.transport() as transport, pytest.raises(RemoteError) as caught:
        RemoteLedger(transport, Log(world).trust()).append([world.wires[0]])
    assert caught.value.code == "remote.unconfirmed"


@pytest.mark.parametrize(
    "lost",
    [(0, {}, b""), (502, {}, b"<html>"), problem(503, "store.unconfirmed", StorageError)],
)
@pytest.mark.parametrize(
    "last",
    [
        problem(503, "server.busy", BusyError),
        problem(429, "request.rate", BusyError),
        problem(408, "request.slow", UsageError),
        problem(503, "store.connect", StorageError),
        problem(401, "access.refused", NotAllowedError),
        (500, {}, b"oops"),
    ],
)
def test_refusal_after_a_lost_answer_does_not_deny_the_first_attempt(
    lost: tuple[int, dict[str, str], bytes], last: tuple[int, dict[str, str], bytes]
) -> None:
    """A server that stops writes the events, loses the answer, and refuses the repeated request."""
    world = World()
    server = Scripted(lost, *[last] * INTERACTIVE.attempts)
    with server.transport() as transport, pytest.raises(RemoteError) as caught:
        RemoteLedger(transport, Log(world).trust()).append([world.wires[0]])
    assert caught.value.code == "remote.unconfirmed"


def test_events_that_never_arrived_or_were_refused_are_not_unconfirmed() -> None:
    world = World()
    trust = Log(world).trust()
    refusal = problem(503, "server.busy", BusyError)
    server = Scripted(*[refusal] * INTERACTIVE.attempts, (0, {}, b""))
    server.answers.append(problem(409, "chain.taken", ConflictError))
    with server.transport() as transport:
        ledger = RemoteLedger(transport, trust)
        with pytest.raises(BusyError):
            ledger.append([world.wires[0]])
        with pytest.raises(ConflictError):
            ledger.append([world.wires[0]])
    with (
        contextlib.closing(Transport(transport.url, sleep=server.pauses.append)) as closed,
        pytest.raises(RemoteError) as caught,
    ):
        RemoteLedger(closed, trust).append([world.wires[0]])
    assert caught.value.code == "remote.unreachable"


def test_server_text_cannot_control_a_terminal() -> None:
    server = Scripted(problem(404, "item.unknown", NotFoundError, detail="\x1b[2J\u202eevil"))
    with server.transport() as transport, pytest.raises(NotFoundError) as caught:
        transport.get("/x")
    assert "\x1b" not in caught.value.message
    assert "\u202e" not in caught.value.message


@pytest.mark.parametrize("url", ["http://ledger.example", "ftp://a", "https://a/?x", "https://A"])
def test_address_must_be_https_or_localhost(url: str) -> None:
    with pytest.raises(MalformedError, match=r"link\.form"):
        Transport(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://localhost:1"),
        ("ALL_PROXY", "ftp://proxy.example"),
        ("HTTPS_PROXY", "http://proxy:port:x"),
        ("NO_PROXY", "[::1]"),
        ("SSL_CERT_FILE", "/nonexistent/ca.pem"),
        ("SSL_CERT_FILE", __file__),
    ],
)
def test_unusable_environment_is_a_usage_error_with_its_cause(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        Transport("https://ledger.example")
    assert caught.value.code == "remote.settings"
    assert len(caught.value.message) > len("httpx refuses them: ")
    assert name in caught.value.hint
    assert "IPv6 addresses without brackets: ::1" in caught.value.hint


def test_search_ends_when_the_server_repeats_an_empty_page() -> None:
    server = Scripted((200, {}, b'{"items": [], "next": "x/unit/1"}'))
    with server.transport() as transport:
        ledger = RemoteLedger(transport, Log(World()).trust())
        assert ledger.search(Search(id_part="A")) == []
    assert len(server.seen) == 1


def test_search_ends_when_the_server_repeats_a_page() -> None:
    """A server could otherwise keep a client busy for ever."""
    row = {
        "item": "x/unit/1",
        "chain": "unit",
        "state": "PACKED",
        "part_no": "",
        "seq": 0,
        "declaration": "",
        "event": "",
        "index": 1,
        "overlays": [],
    }
    page: tuple[int, dict[str, str], bytes] = (
        200,
        {},
        json.dumps({"items": [row], "next": "x/unit/1"}).encode(),
    )
    server = Scripted(page, page)
    with server.transport() as transport:
        ledger = RemoteLedger(transport, Log(World()).trust())
        with pytest.raises(RemoteError, match=r"follows 'x/unit/1'"):
            list(search_all(ledger, Search(id_part="A")))
    assert len(server.seen) == 2


def test_cookies_of_a_server_are_not_kept() -> None:
    """A mirror asks thousands of times; each answer could leave a hundred kilobytes in memory."""
    server = Scripted((200, {"Set-Cookie": "a=1; Path=/"}, b"{}"), (200, {}, b"{}"))
    with server.transport() as transport:
        transport.get("/x")
        transport.get("/y")
    assert not any("Cookie" in headers for _, _, headers, _ in server.seen)
