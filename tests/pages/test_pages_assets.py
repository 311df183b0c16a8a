from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

from tests.pages.shop import Shop, serving
from traceledger_api.pages.assets import load_assets

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with serving(shop) as address, Client(base_url=address) as client:
        yield client


@pytest.mark.parametrize("name", sorted(load_assets().files))
def test_file_is_immutable_under_the_address_of_its_version(client: Client, name: str) -> None:
    assets = load_assets()
    answer = client.get(f"/static/{assets.version}/{name}")
    assert answer.status_code == 200
    assert answer.content == assets.files[name].data
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/static/{'0' * 16}/{name}").status_code == 404


def test_file_is_sent_uncompressed_to_a_client_without_gzip(client: Client) -> None:
    address = f"/static/{load_assets().version}/buyer.css"
    answer = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == load_assets().files["buyer.css"].data


@pytest.mark.parametrize(
    "name", ["../settings.py", "%2e%2e%2fsettings.py", "verify-page.js", "types.d.ts", ""]
)
def test_nothing_else_is_served(client: Client, name: str) -> None:
    assert client.get(f"/static/{load_assets().version}/{name}").status_code == 404


def test_verify_page_has_a_permanent_address(client: Client) -> None:
    answer = client.get("/verify.html")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert b"Content-Security-Policy" in answer.content


def test_page_varies_by_language_and_is_sent_compressed(client: Client, shop: Shop) -> None:
    item = shop.show(shop.new())
    answer = client.get(f"/{item}", headers={"Accept-Language": "de"})
    assert 'lang="de"' in answer.text
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Language" in answer.headers["vary"]
    assert len(gzip.compress(answer.content)) < 20_000


def test_unknown_part_is_404_in_the_readers_language(client: Client) -> None:
    answer = client.get("/01/09521234543213/21/NONE?lang=ru")
    assert (answer.status_code, 'lang="ru"' in answer.text) == (404, True)


def test_fallback_is_the_locked_package_and_not_in_the_repository() -> None:
    vendored = REPOSITORY / "api" / "traceledger_api" / "static" / "vendor" / "noble-ed25519.js"
    package = REPOSITORY / "node_modules" / "@noble" / "ed25519" / "index.js"
    assert vendored.read_bytes() == package.read_bytes()
    assert "/api/traceledger_api/static/vendor/" in (REPOSITORY / ".gitignore").read_text()


def test_javascript_lock_names_versions_and_hashes_and_no_host() -> None:
    text = (REPOSITORY / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "://" not in text
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-")
    wanted = json.loads((REPOSITORY / "package.json").read_text())
    pinned = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {f"node_modules/{name}" for name in pinned} <= packages.keys()
    runtime = {name for name, package in packages.items() if name and not package.get("dev")}
    assert {f"node_modules/{name}" for name in wanted["dependencies"]} == runtime
    assert all(version[0].isdigit() for version in pinned.values())
