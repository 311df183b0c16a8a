from __future__ import annotations

import pytest

from tests.api.site import Site
from tests.ledger.bench import LOG
from tests.world import ORIGIN
from traceledger.events.token import parse_token
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.encoding import decode_base64
from traceledger.formats.proof import parse_proof
from traceledger.formats.seal import parse_seal
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headproof import MapEntry, check_absence, check_head
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.proofs import check_inclusion
from traceledger.merkle.tiles import Tile, format_tile_path, tiles_of

IMMUTABLE = "public, max-age=31536000, immutable"


class Served:
    """The tree as a client reads it."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        return self.site.get("/" + format_tile_path(Tile(level, index, width))).content


def newest(site: Site) -> tuple[int, bytes]:
    opened = open_checkpoint(site.get("/checkpoint").content, ORIGIN, [LOG.verifier]).checkpoint
    return opened.size, opened.root


@pytest.fixture(scope="module")
def big_site(busy_site: Site) -> Site:
    for _ in range(100):
        busy_site.world.core("ACCEPTED")
    busy_site.feed()
    return busy_site


def test_tree_can_be_rebuilt_from_the_served_tiles(big_site: Site) -> None:
    size, root = newest(big_site)
    assert size > 256
    assert StoredTree(size, Served(big_site)).root == root
    leaves: list[bytes] = []
    for start in range(0, size, 256):
        width = min(256, size - start)
        path = format_tile_path(Tile(-1, start // 256, width))
        leaves += parse_bundle(big_site.get(f"/{path}", "customs").content, width)
    assert [leaf_hash(leaf) for leaf in leaves[:5]] == [
        big_site.get("/tile/0/000").content[at : at + 32] for at in range(0, 160, 32)
    ]
    events = [parse_token(leaf).id for leaf in leaves if leaf.startswith(b"eyJ")]
    assert events == [event.id for event in big_site.world.events]


def test_tiles_are_immutable_and_declared_so(big_site: Site) -> None:
    size, _ = newest(big_site)
    for tile in tiles_of(size):
        answer = big_site.get("/" + format_tile_path(tile))
        assert answer.headers["cache-control"] == IMMUTABLE
        assert answer.headers["content-type"] == "application/octet-stream"
        assert len(answer.content) == 32 * tile.width
    checkpoint = big_site.get("/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "public, max-age=1"


def test_entries_are_gzipped_for_clients_that_accept_it(big_site: Site) -> None:
    zipped = big_site.get("/tile/entries/000", "customs", headers={"Accept-Encoding": "gzip"})
    plain = big_site.get("/tile/entries/000", "customs", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(zipped.headers["content-length"]) < len(plain.content)
    assert zipped.content == plain.content


def test_long_json_is_gzipped_for_clients_that_accept_it(busy_site: Site) -> None:
    unit = next(e.payload.sub for e in busy_site.world.events if e.kind_name == "export")
    for path in (f"items/{unit}/passport", f"items/{unit}/history", f"/{unit}?linkType=linkset"):
        plain, zipped = (
            busy_site.get(path, headers={"Accept-Encoding": how}) for how in ("identity", "gzip")
        )
        assert zipped.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert zipped.content == plain.content
        assert "Accept-Encoding" in zipped.headers["vary"]
        assert plain.headers["vary"] == zipped.headers["vary"]
        assert plain.headers["etag"] != zipped.headers["etag"]
    short = busy_site.get("/.well-known/gs1resolver", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


@pytest.mark.parametrize(
    ("accepted", "gzipped"),
    [
        ("gzip", True),
        ("br;q=1, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("notgzip", False),
        ("", False),
    ],
)
def test_accept_encoding_is_obeyed_with_its_weights(
    big_site: Site, accepted: str, *, gzipped: bool
) -> None:
    unit = next(e.payload.sub for e in big_site.world.events if e.kind_name == "export")
    for path in (f"items/{unit}/passport", "/tile/entries/000"):
        answer = big_site.get(path, "customs", headers={"Accept-Encoding": accepted})
        assert ("content-encoding" in answer.headers) == gzipped


def test_client_with_the_current_version_gets_304(big_site: Site) -> None:
    unit = next(e.payload.sub for e in big_site.world.events if e.kind_name == "export")
    for path in (
        "/checkpoint",
        "/tile/0/000",
        f"items/{unit}",
        f"items/{unit}/passport",
        f"/{unit}",
    ):
        tag = big_site.get(path).headers["etag"]
        again = big_site.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        weak = big_site.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
        assert weak.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/001.p/256",
        "/tile/0/1",
        "/tile/0/x001",
        "/tile/0/x000/000",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/01",
        "/tile/0/999",
        "/tile/9/000",
        "/tile/64/000",
        "/tile/00/000",
        "/tile/-1/000",
        "/tile/entries/999",
        "/tile/0/000/",
        "/tile/0//000",
        "/tile/0/000%00",
        "/tile/%2e%2e/%2e%2e/etc/passwd",
        "/tile/0/..%2f..%2fcheckpoint",
        "/tile/0/x1234567890123456789/000",
        "/tile/0/" + "x001/" * 7 + "000",
        "/tile/",
        "/tile",
    ],
)
def test_invalid_tile_path_is_not_found(big_site: Site, path: str) -> None:
    status, code = big_site.refusal(path, "customs")
    assert (status, code) == (404, "request.address")


def test_tiles_beyond_the_checkpoint_are_not_served(big_site: Site) -> None:
    size, _ = newest(big_site)
    index, width = divmod(size, 256)
    assert big_site.get(f"/tile/0/{index:03}.p/{width}").status_code == 200
    assert big_site.refusal(f"/tile/0/{index:03}.p/{width + 1}") == (404, "request.address")


def test_checkpoints_are_paged_by_size(big_site: Site) -> None:
    first = big_site.json("checkpoints?limit=1")
    rest = big_site.json(f"checkpoints?after={first['next']}")
    notes = [*first["checkpoints"], *rest["checkpoints"]]
    assert rest["next"] is None
    assert notes[-1]["note"] == big_site.get("/checkpoint").text
    assert [one["size"] for one in notes] == sorted({one["size"] for one in notes})


def test_proof_shows_the_latest_event(big_site: Site) -> None:
    unit = next(e.payload.sub for e in big_site.world.events if e.kind_name == "export")
    found = big_site.json(f"items/{unit}/proof")
    size, root = newest(big_site)
    seal = parse_seal(found["seal"]["text"].encode())
    proof = [decode_base64(one.encode(), "x") for one in found["seal"]["proof"]]
    check_inclusion(size - 1, size, leaf_hash(found["seal"]["text"].encode()), proof, root)
    event = [e for e in big_site.world.events if e.payload.sub == unit][-1]
    assert (found["event"], found["seq"]) == (event.id, event.payload.seq)
    path = [decode_base64(one.encode(), "x") for one in found["map_proof"]]
    check_head(seal.map_root, unit, found["seq"], event.leaf, path)
    inner = parse_proof(found["proof"].encode())
    check_inclusion(inner.index, size, event.leaf, inner.hashes, root)


@pytest.mark.parametrize("number", range(12))
def test_proof_shows_that_an_item_is_unknown(big_site: Site, number: int) -> None:
    item = f"01/09521234543213/21/NOSUCH{number}"
    found = big_site.json(f"items/{item}/proof")
    assert not found["known"]
    seal = parse_seal(found["seal"]["text"].encode())
    other = found.get("other")
    entry = None
    if other:
        key, head = (decode_base64(other[name].encode(), "x") for name in ("key", "head"))
        entry = MapEntry(key, other["seq"], head)
    path = [decode_base64(one.encode(), "x") for one in found["map_proof"]]
    check_absence(seal.map_root, item, entry, path)


def test_policy_may_make_the_entries_public(site: Site) -> None:
    assert site.refusal("/tile/entries/000.p/1") == (401, "access.needed")
    site.world.add("set_policy", "policy", {"values": {"public_entries": True}})
    site.feed()
    assert site.get("/tile/entries/000.p/1").status_code == 200
    site.world.add("set_policy", "policy", {"values": {"public_entries": False}})
    site.feed()
    assert site.refusal("/tile/entries/000.p/1") == (401, "access.needed")
