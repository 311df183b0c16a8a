"""Bad input and limits: a clear problem, nothing is written, the server stays up."""

from __future__ import annotations

import gzip
import json
import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from tests.api.site import API, Site, problem_of, running
from tests.world import World
from traceledger.codes import CODES
from traceledger.errors import StorageError, TraceledgerError, UsageError
from traceledger.formats.problem import CLASSES, CODE_STATUSES, status_of
from traceledger_api.limits import Limits
from traceledger_api.logs import ACCESS, JsonFormatter
from traceledger_api.metrics import WalMetrics
from traceledger_api.rate_limit import Limiter

UNIT = "01/09521234543213/21/NOSUCH"


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    limits = Limits(rate=0, event_body=20_000, small_body=2_000)
    with running(tmp_path_factory.mktemp("narrow") / "ledger", World(), limits=limits) as site:
        yield site


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/nothing", (404, "request.address")),
        ("GET", "/api/v1", (404, "request.address")),
        ("GET", "/api/v1/items/", (404, "item.form")),
        ("DELETE", "/api/v1/events", (405, "request.method")),
        ("PUT", f"/api/v1/items/{UNIT}", (405, "request.method")),
        ("POST", "/checkpoint", (405, "request.method")),
        ("TRACE", "/healthz", (405, "request.method")),
        ("GET", f"/api/v1/items/{UNIT}", (404, "item.unknown")),
        ("GET", "/api/v1/items/01/09521234543214/21/A", (404, "item.check-digit")),
        ("GET", "/api/v1/items/..%2f..%2fetc%2fpasswd", (404, "item.form")),
        ("GET", "/api/v1/items/%00", (404, "item.form")),
        ("GET", "/api/v1/items/" + "x" * 91, (400, "request.value")),
        ("GET", f"/api/v1/items/{UNIT}/nothing", (404, "item.form")),
        ("GET", f"/api/v1/items/{UNIT}'%20OR%201=1--", (404, "item.form")),
        ("GET", "/api/v1/checkpoints?limit=0", (400, "request.value")),
        ("GET", "/api/v1/checkpoints?limit=1001", (400, "request.value")),
        ("GET", "/api/v1/checkpoints?after=-1", (400, "request.value")),
        ("GET", "/api/v1/checkpoints?after=9007199254740992", (400, "request.value")),
        ("GET", "/api/v1/checkpoints?after=1e3", (400, "request.value")),
        ("GET", "/api/v1/schema/nothing", (404, "event.kind")),
        ("GET", "/problems/nothing", (404, "request.address")),
    ],
)
def test_every_error_is_a_problem_with_its_code(
    narrow: Site, method: str, path: str, wanted: tuple[int, str]
) -> None:
    answer = narrow.client.request(method, path)
    assert problem_of(answer) == wanted
    if wanted[0] == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize("path", [f"{API}/events", f"{API}/heads"])
def test_too_large_a_body_is_refused_with_or_without_its_length(narrow: Site, path: str) -> None:
    most = 20_000 if path.endswith("events") else 2_000
    body = b'["' + b"x" * most + b'"]'
    with_length = narrow.client.request(
        "POST", path, content=body, headers={"Content-Type": "application/json"}
    )
    assert problem_of(with_length) == (413, "request.size")

    async def chunks() -> object:  # without a length: sent in chunks
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    chunked = narrow.client.request(
        "POST", path, content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert problem_of(chunked) == (413, "request.size")
    for length in ("99999999999999999999", "-1", "x", "1e9"):
        lying = narrow.client.request(
            "POST",
            path,
            content=b"[]",
            headers={"Content-Type": "application/json", "Content-Length": length},
        )
        assert problem_of(lying)[0] == 413


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", "request.body"),
        (b"null", "request.body"),
        (b"[]", "request.body"),
        (b"{}", "request.body"),
        (b'{"items": []}', "request.body"),
        (b'{"items": "a"}', "request.body"),
        (b'{"items": [1]}', "request.body"),
        (b'{"items": ["ledger"], "more": []}', "request.body"),
        (b'{"items": ["ledger"], "items": ["x"]}', "item.form"),
        (b'{"items": ["\xff"]}', "request.body"),
        (b'{"items": ["\\ud800"]}', "request.body"),
        (b'{"items":' * 200, "request.body"),
        (b"[" * 1_999, "request.body"),
        (b'{"items": ["' + b"x" * 100 + b'"]}', "item.form"),
        (b'{"items": ["ledger"]}', "access.needed"),
    ],
)
def test_body_of_heads_is_read_strictly(narrow: Site, body: bytes, wanted: str) -> None:
    answer = narrow.client.request(
        "POST", f"{API}/heads", content=body, headers={"Content-Type": "application/json"}
    )
    assert problem_of(answer)[1] == wanted


def test_other_media_types_are_refused(narrow: Site) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/json, x"):
        answer = narrow.client.request(
            "POST", f"{API}/heads", content=b"{}", headers={"Content-Type": kind}
        )
        assert problem_of(answer) == (415, "request.type")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip"])
def test_compressed_body_is_refused_before_it_is_read(narrow: Site, encoding: str) -> None:
    for path in (f"{API}/heads", f"{API}/events"):
        answer = narrow.client.request(
            "POST",
            path,
            content=gzip.compress(b'{"items": ["ledger"]}'),
            headers={"Content-Type": "application/json", "Content-Encoding": encoding},
        )
        assert problem_of(answer) == (415, "request.type")
        assert answer.headers["accept-encoding"] == "identity"


def test_hostile_text_is_returned_as_json_only(narrow: Site) -> None:
    for text in ("<script>alert(1)</script>", "\u202eevil", "'\"><img src=x onerror=alert(1)>"):
        answer = narrow.client.request("GET", f"{API}/schema/{text}")
        assert problem_of(answer)[0] in {400, 404}
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script" not in narrow.client.request("GET", f"/problems/{text}").text


def test_valid_request_id_of_the_client_is_kept(narrow: Site) -> None:
    good = narrow.get("/healthz", headers={"X-Request-Id": "plant-7-000042"})
    assert good.headers["x-request-id"] == "plant-7-000042"
    for bad in ("short", "x" * 65, 'a"b{}\x7f....'):
        assert narrow.get("/healthz", headers={"X-Request-Id": bad}).headers["x-request-id"] != bad


def test_logs_contain_no_serials_tokens_or_addresses(
    narrow: Site, caplog: pytest.LogCaptureFixture
) -> None:
    token = narrow.token("operator")
    with caplog.at_level(logging.INFO, ACCESS.name):
        narrow.get(f"items/{UNIT}", "operator")
        narrow.get(f"/{UNIT}?a=secret")
    lines = [
        JsonFormatter().format(record) for record in caplog.records if record.name == ACCESS.name
    ]
    assert len(lines) == 2
    for line in lines:
        fields = json.loads(line)
        assert fields["code"] == "item.unknown"
        assert fields["request_id"]
        for secret in ("NOSUCH", token[:40], "secret", "127.0.0.1"):
            assert secret not in line


def test_internal_fault_reveals_nothing(narrow: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(narrow.context.ledger, "read_heads", broken)
    answer = narrow.get(f"items/{UNIT}")
    assert problem_of(answer) == (500, "server.fault")
    assert "secret" not in answer.text
    assert "Zero" not in answer.text
    monkeypatch.undo()
    assert narrow.refusal(f"items/{UNIT}") == (404, "item.unknown")


def test_broken_store_is_503_without_its_message(
    narrow: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise StorageError("store.write", "/srv/secret/ledger.db: disk I/O error")

    monkeypatch.setattr(narrow.context.ledger._store, "size", broken)
    answer = narrow.get("/readyz")
    assert problem_of(answer) == (503, "store.write")
    assert "secret" not in answer.text
    assert answer.headers["retry-after"] == "1"
    assert narrow.get("/healthz").status_code == 200


def test_rate_is_limited_for_each_client(tmp_path: Path) -> None:
    limits = Limits(rate=0.001, burst=3)
    with running(tmp_path / "ledger", World(), limits=limits) as site:
        answers = [site.get("/healthz") for _ in range(4)]
        assert [one.status_code for one in answers[:3]] == [200] * 3
        assert [one.headers["ratelimit"].split(";")[1] for one in answers[:3]] == [
            "r=2",
            "r=1",
            "r=0",
        ]
        assert problem_of(answers[3]) == (429, "request.rate")
        assert int(answers[3].headers["retry-after"]) > 900


def test_mirror_of_a_thousand_tiles_is_not_slowed_down(tmp_path: Path) -> None:
    limits = Limits(rate=0.001, burst=100)
    with running(tmp_path / "ledger", World(), limits=limits) as site:
        codes = [site.get("/tile/0/000").status_code for _ in range(999)]
        assert 429 not in codes
        assert site.get("/checkpoint").headers["ratelimit"].split(";")[1] == "r=99"
        assert [site.get("/tile/0/000").status_code for _ in range(2)][-1] == 429


def test_buckets_refill_and_are_separate_for_each_client() -> None:
    now = 0.0
    limiter = Limiter(2.0, 2, lambda: now)
    assert [limiter.take("192.0.2.1").granted for _ in range(3)] == [True, True, False]
    assert limiter.take("192.0.2.2").granted
    now = 0.5
    assert [limiter.take("192.0.2.1").granted for _ in range(2)] == [True, False]
    now = 1000.0
    assert [limiter.take("192.0.2.1").granted for _ in range(3)] == [True, True, False]


def test_addresses_in_the_same_ipv6_network_are_one_client() -> None:
    limiter = Limiter(1.0, 1, lambda: 0.0)
    assert limiter.take("2001:db8::1").granted
    assert not limiter.take("2001:db8::2").granted
    assert limiter.take("2001:db8:0:1::1").granted
    assert limiter.take("not:an:address").granted


def test_table_has_every_class_of_errors_and_only_existing_codes() -> None:
    assert all(kind in CLASSES for kind in TraceledgerError.__subclasses__())
    assert CODE_STATUSES.keys() <= CODES.keys()
    assert status_of(UsageError("request.size", "x")) == 413


def test_a_route_has_one_name_in_metrics(narrow: Site) -> None:
    """A dry run was counted as a route of its own, and no route named the API."""
    for query in ("", "?dry_run=true"):
        narrow.send(b"[]", query)
    narrow.get("/api/v1/parties")
    narrow.get("/api/v1/nowhere")
    routes = set(re.findall(r'requests_total{.*?route="([^"]*)"', narrow.get("/metrics").text))
    assert {"/api/v1/events", "/api/v1/parties", "-"} <= routes
    assert not {"/events", "/parties", "/api/v1-"} & routes


def test_metrics_are_served_on_this_machine_only(tmp_path: Path, narrow: Site) -> None:
    narrow.get("/checkpoint")  # a request that the metrics count
    text = narrow.get("/metrics").text
    for name in ("traceledger_requests_total", "traceledger_log_size", "traceledger_events_total"):
        assert f"\n{name}" in text
    with running(tmp_path / "ledger", World(), client="192.0.2.7") as site:
        assert site.refusal("/metrics") == (404, "request.address")


def test_metrics_wait_neither_for_readers_nor_for_the_database(tmp_path: Path) -> None:
    """They are needed most while readers, or the database, do not get on."""
    released = threading.Event()
    asked: list[None] = []

    def read() -> int:
        asked.append(None)
        released.wait(60)
        return 7

    with running(tmp_path / "ledger", World()) as site, ThreadPoolExecutor(1) as threads:
        context = site.context
        busy = [
            context.threads.submit(released.wait, 60) for _ in range(2 * context.limits.readers)
        ]
        wal = WalMetrics(read, threads, deadline=0.01)
        try:
            assert "traceledger_log_size" in site.get("/metrics").text
            assert not any(future.done() for future in busy)
            assert [*wal.collect(), *wal.collect()] == []
        finally:
            released.set()
        threads.submit(int).result()
        (metric,) = wal.collect()
        assert [sample.value for sample in metric.samples] == [7]
        assert len(asked) == 1


def test_metrics_are_not_served_to_the_client_of_a_proxy(narrow: Site) -> None:
    """A server that trusts every proxy takes a client's own word for its address."""
    claimed = {"X-Forwarded-For": "127.0.0.1"}
    assert narrow.refusal("/metrics", headers=claimed) == (404, "request.address")


def test_codes_and_kinds_are_explained(narrow: Site) -> None:
    assert CODES["chain.taken"].meaning in unescape(narrow.get("/problems/chain.taken").text)
    schema = narrow.json("schema/inspect")
    assert schema["x-fields"]["notes"]["visibility"] == "internal"
    assert "/api/v1/events" in narrow.get("docs").text
    assert "<script" not in narrow.get("docs").text
    assert narrow.json("openapi.json")["openapi"].startswith("3.")
