"""A load test finds the lies of a server that has the log's own key."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.site import URL, Site, make_home, serving
from tests.ledger.bench import LOG
from tests.world import ORIGIN, World
from traceledger.client.hammer import Hammered, Load, hammer
from traceledger.client.transport import Transport
from traceledger.errors import VerificationError
from traceledger.events.encoding import decode_base64url
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.proof import LogProof, format_proof, parse_proof
from traceledger.formats.receipt import LoggedLeaf, Receipt, sign_receipt
from traceledger.views.rows import Search

Lie = Callable[[httpx.Request, bytes], bytes]


class Between(httpx.BaseTransport):
    """Passes requests on to a server, and its answers back as they should be, or as a lie."""

    def __init__(self, site: Site, lie: Lie) -> None:
        self.site = site
        self.lie = lie

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kept = {"authorization", "content-type", "accept"}
        answer = self.site.client.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.read(),
            headers={name: value for name, value in request.headers.items() if name in kept},
        )
        media = {"content-type": answer.headers.get("content-type", "")}
        content = self.lie(request, answer.content) if answer.is_success else answer.content
        return httpx.Response(answer.status_code, headers=media, content=content)


def truth(_request: httpx.Request, content: bytes) -> bytes:
    return content


def proof_of_another_event(request: httpx.Request, content: bytes) -> bytes:
    if not request.url.path.endswith("/proof"):
        return content
    proof = parse_proof(content)
    return format_proof(LogProof(proof.index - 1, proof.hashes, proof.checkpoint))


def proof_of_another_tree(request: httpx.Request, content: bytes) -> bytes:
    if not request.url.path.endswith("/proof"):
        return content
    proof = parse_proof(content)
    return format_proof(LogProof(proof.index, (*proof.hashes[:-1], bytes(32)), proof.checkpoint))


class SecondPlace:
    """Promises an event that is sent again another place, and signs that promise."""

    def __init__(self) -> None:
        self.known: set[bytes] = set()

    def __call__(self, request: httpx.Request, content: bytes) -> bytes:
        if request.method != "POST" or not request.url.path.endswith("/events"):
            return content
        body = request.read()
        if body not in self.known:
            self.known.add(body)
            return content
        answer = json.loads(content)
        (event,) = answer["events"]
        event["index"] += 1
        leaf = LoggedLeaf(event["index"], decode_base64url(event["event"].encode()))
        answer["receipt"] = sign_receipt(Receipt(ORIGIN, (leaf,)), LOG).decode()
        return json.dumps(answer).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    world = World()
    world.unit("APPROVED")
    home = make_home(tmp_path_factory.mktemp("hammered") / "ledger", world)
    with serving(home, world, clock=time.time) as site:
        yield site


def hammered(site: Site, lie: Lie, load: Load) -> Hammered:
    between = Between(site, lie)

    def open_transport() -> Transport:
        client = httpx.Client(transport=between)
        return Transport(
            URL, client=client, token=lambda: site.token("quality", now=int(time.time()))
        )

    signer = site.world.actors["quality"].signer
    assert isinstance(signer, SoftwareSigner)
    trust = site.context.policy
    return hammer(open_transport, trust, signer, load, chance=random.SystemRandom())


def load_of(site: Site, goal: int) -> Load:
    (unit,) = site.context.ledger.search(Search(chain="unit"))
    return Load((unit.item,), 1, goal, 60, 0.5)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (proof_of_another_event, "hammer.proof"),
        (proof_of_another_tree, "hammer.proof"),
        (SecondPlace(), "hammer.duplicate"),
    ],
)
def test_a_lie_ends_the_run(site: Site, lie: Lie, code: str) -> None:
    with pytest.raises(VerificationError) as caught:
        hammered(site, lie, load_of(site, 10_000))
    assert caught.value.code == code


def test_growth_beyond_a_bound_is_reported(site: Site) -> None:
    """A leak that no single answer shows."""

    class Leak:
        size = 0

        def __call__(self, request: httpx.Request, content: bytes) -> bytes:
            if request.url.path != "/metrics":
                return content
            self.size += 100
            return b"process_open_fds %d\nprocess_resident_memory_bytes 5\n" % self.size

    load = load_of(site, 3)
    assert hammered(site, Leak(), load).grown == ("process_open_fds",)
    result = hammered(site, truth, load)
    assert (result.reached, result.grown) == (True, ())
