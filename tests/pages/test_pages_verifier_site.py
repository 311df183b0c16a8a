"""The files of a verifier site; tests/browser/test_browser_verifier_site.py opens them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.passports import NOW, Log, policy_text
from tests.vectors.trust_lists import KEY, make_list, make_trust
from tests.world import World
from traceledger.errors import ConflictError, MalformedError, UsageError, VerificationError
from traceledger.events.vocabulary import LANGUAGES
from traceledger.formats.trust import fingerprint, format_trust
from traceledger_api.verifier_site import Authority, build_site

LEDGER = "https://ledger.example/stem"
HOSTILE = '</script><script src="//evil.example">&'


def trust(address: str = LEDGER) -> bytes:
    log, *others = policy_text().splitlines()
    return format_trust(
        Log(World()).trust(policy_text="\n".join([f"{log} {address}".rstrip(), *others, ""]))
    )


def listed(page: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="script">(.*?)</script>', page)
    assert found is not None
    listing: dict[str, Any] = json.loads(found[1])
    return listing


def test_needs_no_web_framework() -> None:
    """Customs install the small distribution, without the libraries of a server."""
    program = (
        "import sys, traceledger_cli.commands.verifier_site\n"
        "print(*sys.modules.keys() & {'fastapi', 'starlette', 'jinja2', 'babel', 'sqlmodel'})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_lists_the_trust_files_with_the_addresses_of_their_ledgers() -> None:
    data = trust()
    files = build_site([data], "Customs")
    (one,) = listed(files["index.html"])["lists"]
    assert files[one["file"]] == data
    assert (one["ledger"], one["fingerprint"]) == (LEDGER, fingerprint(data))


def test_connects_to_the_listed_ledgers_only() -> None:
    """A page that may fetch from anywhere could report which parts somebody checks."""
    page = build_site([trust()], "Customs")["index.html"].decode()
    assert "connect-src 'self' https://ledger.example;" in page
    page = build_site([trust("")], "Customs")["index.html"].decode()
    assert "connect-src 'self';" in page


def test_photos_may_come_from_further_origins() -> None:
    page = build_site([trust()], "Customs", photos=["https://photos.example"])[
        "index.html"
    ].decode()
    assert "connect-src 'self' https://ledger.example https://photos.example;" in page


@pytest.mark.parametrize(
    "origin", ["photos.example", "https://a.example; script-src *", "https://*"]
)
def test_what_is_no_origin_does_not_reach_the_policy(origin: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_site([trust()], "Customs", photos=[origin])
    assert caught.value.code == "usage.option"


@pytest.mark.parametrize(
    "address", ["https://a.example; script-src *", "javascript:alert(1)", "ftp://a.example"]
)
def test_an_address_that_is_none_does_not_reach_the_page(address: str) -> None:
    """A trust file comes from others: its text must not change the policy of the page."""
    page = build_site([trust(address.replace(" ", ""))], "Customs")["index.html"].decode()
    assert "connect-src 'self';" in page


def test_the_name_of_the_host_is_text() -> None:
    page = build_site([trust()], HOSTILE)["index.html"].decode()
    assert "evil.example" in page
    assert HOSTILE not in page
    assert page.count("<script") == 2


def test_the_worker_keeps_every_other_file() -> None:
    files = build_site([trust()], "Customs")
    first, _, _ = files["service-worker.js"].partition(b"\n")
    kept = json.loads(first.removeprefix(b"const KEPT = ").removesuffix(b";"))
    assert {*kept["files"], "service-worker.js"} == files.keys()


def test_another_content_is_another_version() -> None:
    workers = {build_site([trust()], name)["service-worker.js"] for name in ("One", "Two", "One")}
    assert len(workers) == 2


def test_has_the_words_of_every_language() -> None:
    files = build_site([trust()], "Customs")
    for language in LANGUAGES:
        assert "site.title" in json.loads(files[f"words.{language}.json"])
        assert json.loads(files[f"vocabulary.{language}.json"])["language"] == language


def test_two_lists_for_one_ledger_are_refused() -> None:
    with pytest.raises(ConflictError) as caught:
        build_site([trust(), trust("")], "Customs")
    assert caught.value.code == "trust.other"


def test_what_is_no_trust_file_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        build_site([b"{}"], "Customs")
    assert caught.value.code == "trust.form"


def test_a_list_of_an_authority_names_further_ledgers() -> None:
    """The host of a site relies on one key; its own trust file of a ledger comes first."""
    own = trust()
    files = (own, make_trust("ledger.example/cq-2", "01/09529999"))
    authority = Authority(make_list(files).encode(), KEY)
    site = build_site([own], "Customs", authority, now=NOW)
    listing = listed(site["index.html"])
    assert [(one["origin"], one["file"]) for one in listing["lists"]] == [
        ("ledger.example/cq-1", "trust.1.json"),
        ("ledger.example/cq-2", ""),
    ]
    assert (listing["authority"]["key"], listing["authority"]["sequence"]) == (KEY, 7)
    assert site[listing["authority"]["file"]] == authority.data
    for other in (
        Authority(authority.data, "0"),
        Authority(make_list(lines=(1, 1, 2)).encode(), KEY),
    ):
        with pytest.raises(VerificationError):
            build_site([own], "Customs", other, now=NOW)
