from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.everything import make_everything
from tests.api.site import ENGINES, NOW, URL, Site, make_home, serving, store_of
from tests.client.served import read_all
from traceledger.client.mirror import mirror_ledger
from traceledger.client.remote import read_trust
from traceledger.client.transport import Transport
from traceledger.formats.trust import parse_trust
from traceledger.ledger.reading.archives import export_archive
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.views.history import PUBLIC


class ToSite(httpx.BaseTransport):
    """A client's connection to the application."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        headers = dict(request.headers) | {"accept-encoding": "identity"}
        answer = self.site.client.request(request.method, path, headers=headers)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture(scope="module", params=ENGINES)
def everything(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Site]:
    """A server of a ledger with an event of every kind, on each engine."""
    world = make_everything()
    folder = tmp_path_factory.mktemp("everything") / "ledger"
    with serving(make_home(folder, world, store_of(request)), world) as site:
        yield site


@pytest.mark.parametrize("by", ["customs", "observer"])
def test_mirror_is_the_archive_for_the_same_reader(
    everything: Site, by: str, tmp_path: Path
) -> None:
    """A holder sees what an archive for its role contains, and the fields of its own party."""
    rights = everything.context.open_rights(everything.bearer(by)["Authorization"])
    reader = rights.reader if by == "customs" else PUBLIC
    client = httpx.Client(transport=ToSite(everything))
    transport = Transport(URL, token=lambda: everything.token(by), client=client)
    own = read_trust(transport)
    mirrored = mirror_ledger(transport, tmp_path / "mirror", parse_trust(own), own_trust=own)
    assert mirrored.disclosed is (by == "customs")
    export_archive(everything.context.ledger, tmp_path / "archive", reader)
    assert read_all(tmp_path / "mirror") == read_all(tmp_path / "archive")
    verdict = verify_archive(
        FolderSource(tmp_path / "mirror"), parse_trust(own), now=NOW, workers=1, first_use=True
    )
    assert verdict.result == "incomplete"


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        ("", (401, "access.needed")),
        ("observer", (403, "access.role")),
        ("operator", (403, "access.role")),
        ("trader", (403, "access.role")),
    ],
)
def test_disclosures_of_the_log_are_for_customs(
    everything: Site, by: str, refusal: tuple[int, str]
) -> None:
    assert everything.refusal("disclosures/000.p/20", by) == refusal


@pytest.mark.parametrize("path", ["000.p/0", "000", "x", "../entries/000", "0/000.p/1"])
def test_disclosures_that_no_bundle_has_are_not_found(everything: Site, path: str) -> None:
    assert everything.refusal(f"disclosures/{path}", "customs") == (404, "request.address")
