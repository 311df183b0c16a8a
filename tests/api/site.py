"""A server of a real ledger in this process, and the world that creates its events."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pytest
from httpx import Response

from tests.api.in_process import InProcess
from tests.postgresql import Server
from tests.world import ORIGIN, START, World, make_signer
from traceledger.formats.access_token import sign_access
from traceledger.ledger.keeping.home import Home
from traceledger.planning.keys import LOG_KEY
from traceledger_api.app import create_app, open_context
from traceledger_api.context import Context
from traceledger_api.forwarding import Forwarding
from traceledger_api.limits import Limits
from traceledger_api.routes.links import Pages

__all__ = [
    "ENGINES",
    "NOW",
    "PASSPHRASE",
    "URL",
    "Clock",
    "Site",
    "both_engines",
    "make_home",
    "running",
    "serving",
    "store_of",
]

URL = "https://id.example"
PASSPHRASE = b"correct horse"
NOW = START + 100_000
API = "/api/v1"


ENGINES = ("sqlite", "postgresql")
both_engines = pytest.mark.parametrize("site", ENGINES, indirect=True)


def store_of(request: pytest.FixtureRequest) -> str:
    """Returns the address of a new database if a fixture's parameter asks for one, else ""."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    server: Server = request.getfixturevalue("postgresql")
    return server.address(server.new_database())


def make_home(folder: Path, world: World, store: str = "") -> Home:
    """Creates a ledger's folder with all events of the world, published."""
    home = Home.create(folder, ORIGIN, URL, store)
    home.keys.add(LOG_KEY, make_signer("log"), PASSPHRASE)
    with contextlib.closing(home.write(lambda: float(NOW), PASSPHRASE)) as ledger:
        erasing = [n for n, one in enumerate(world.events) if one.kind_name == "erase"]
        reports = [at for at, event in enumerate(world.events) if event.kind_name == "writeoff"]
        for start, stop in pairwise([0, *sorted((*erasing, *reports)), len(world.wires)]):
            if start in reports:
                home.publish(ledger)
            ledger.append(world.wires[start:stop])  # an erased event must already be in the log
        home.publish(ledger)
    return home


@dataclass
class Clock:
    """A clock that the test sets."""

    now: float = float(NOW)

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Site:
    world: World
    home: Home
    context: Context
    client: InProcess
    fed: int

    def get(self, path: str, by: str = "", **options: Any) -> Response:
        """Sends a GET to a path, below the API unless it begins with a slash."""
        place = path if path.startswith("/") else f"{API}/{path}"
        headers = {**self.bearer(by), **options.pop("headers", {})}
        return self.client.request("GET", place, headers=headers, **options)

    def json(self, path: str, by: str = "", **options: Any) -> Any:
        answer = self.get(path, by, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, path: str, by: str = "", **options: Any) -> tuple[int, str]:
        """Returns status and code of the problem that a GET receives."""
        return problem_of(self.get(path, by, **options))

    def post(self, wires: Sequence[bytes], query: str = "", **headers: str) -> Response:
        body = json.dumps([wire.decode() for wire in wires])
        return self.send(body.encode(), query, **headers)

    def send(self, body: bytes, query: str = "", **headers: str) -> Response:
        """Posts a body to /events, as JSON unless the headers differ."""
        given = {"content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.client.request("POST", f"{API}/events{query}", content=body, headers=given)

    def feed(self) -> Response:
        """Posts the events that the ledger does not have yet, and waits until they are sealed."""
        wires = self.world.wires[self.fed :]
        self.fed += len(wires)
        answer = self.post(wires, "?wait=sealed")
        assert answer.status_code == 200, answer.text
        return answer

    def token(self, by: str, *, now: int = NOW, origin: str = ORIGIN) -> str:
        actor = self.world.actors[by]
        return sign_access(
            actor.signer,
            origin=origin,
            issuer=actor.iss,
            authority=actor.auth,
            now=now,
            nonce=b"0123456789abcdef",
        ).decode()

    def bearer(self, by: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(by)}"} if by else {}


def problem_of(answer: Response) -> tuple[int, str]:
    """Returns status and code of a problem, after checking that it is complete."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"{URL}/problems/{problem['code']}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["hint"]
    return answer.status_code, problem["code"]


class Options(TypedDict, total=False):
    """What `serving` takes beside a ledger."""

    limits: Limits | None
    pages: Pages | None
    client: str
    clock: Callable[[], float]
    forwarding: Forwarding | None
    read_store: str


@contextlib.contextmanager
def running(folder: Path, world: World, **options: Unpack[Options]) -> Iterator[Site]:
    """Runs a server of a new ledger for the duration of the `with` block."""
    with serving(make_home(folder, world), world, **options) as site:
        yield site


@contextlib.contextmanager
def serving(
    home: Home,
    world: World,
    *,
    limits: Limits | None = None,
    pages: Pages | None = None,
    client: str = "127.0.0.1",
    clock: Callable[[], float] = lambda: float(NOW),
    forwarding: Forwarding | None = None,
    read_store: str = "",
) -> Iterator[Site]:
    """Runs a server of a ledger's folder for the duration of the `with` block."""
    context = open_context(
        home,
        PASSPHRASE,
        limits=limits or Limits(rate=0),
        clock=clock,
        interval=0.05,
        forwarding=forwarding,
        read_store=read_store,
    )
    app = create_app(context, pages)
    with InProcess(app, URL, client) as http:
        yield Site(world, home, context, http, len(world.wires))
