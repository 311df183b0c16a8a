from __future__ import annotations

import pytest

from tests.api.site import NOW, Site, problem_of
from tests.ledger.bench import break_signature
from tests.world import World, make_signer

CORE = "8004/9521234C000001"


@pytest.fixture
def core(site: Site) -> str:
    core = site.world.core("ACCEPTED")
    site.feed()
    return core


def ask(site: Site, item: str, authorization: str) -> tuple[int, str]:
    return problem_of(site.get(f"items/{item}", headers={"Authorization": authorization}))


def test_invalid_tokens_get_the_same_answer_whatever_the_reason(site: Site, core: str) -> None:
    event = site.world.wires[-1].split(b"~")[0].decode()
    good = site.token("operator")
    unknown = World(seed=3)
    unknown.add_key("nobody", "plant", ["operator"])
    site.world.actors["nobody"] = unknown.actors["nobody"]
    wrong = [
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Basic {good}",
        f"Bearer {good}x",
        f"Bearer {good[:-2]}",
        f"Bearer {event}",
        f"Bearer {site.token('operator', now=NOW - 301)}",
        f"Bearer {site.token('operator', now=NOW + 120)}",
        f"Bearer {site.token('operator', origin='ledger.example/other')}",
        f"Bearer {site.token('nobody')}",
        f"Bearer {good} {good}",
        "Bearer " + "é" * 10,
    ]
    answers = [
        site.get(f"items/{core}", headers={"Authorization": one.encode("latin-1")}) for one in wrong
    ]
    assert {problem_of(one) for one in answers} == {(401, "access.refused")}
    assert len({one.json()["detail"] for one in answers}) == 1
    assert {one.headers["www-authenticate"] for one in answers} == {"Bearer"}


def test_access_token_is_not_an_event(site: Site) -> None:
    answer = site.post([site.token("operator").encode() + b"~"])
    assert problem_of(answer) == (400, "token.form")


def test_revoked_key_can_no_longer_read(site: Site, core: str) -> None:
    assert site.get(f"items/{core}", "operator").status_code == 200
    site.world.add(
        "revoke_key", f"key/{make_signer('operator').key.kid}", {"reason": "lost"}, by="root"
    )
    site.feed()
    assert site.refusal(f"items/{core}", "operator") == (401, "access.refused")


def test_dismissed_party_can_no_longer_read(site: Site, core: str) -> None:
    site.world.add("dismiss", "party/carrier", by="root")
    site.feed()
    assert site.refusal(f"items/{core}", "carrier") == (401, "access.refused")
    assert site.refusal(f"items/{core}", "carrier admin") == (401, "access.refused")


def test_role_that_the_party_lost_grants_nothing(site: Site) -> None:
    assert site.get("/tile/entries/000.p/1", "customs").status_code == 200
    site.world.admit("customs", ("carrier",), seed="2")
    site.feed()
    assert site.refusal("/tile/entries/000.p/1", "customs") == (403, "access.role")


def test_admin_sees_its_own_fields_and_root_sees_public_ones(site: Site, core: str) -> None:
    first = site.json(f"items/{core}/history", "plant admin")["events"][0]
    assert "unit_value" in first["data"]
    first = site.json(f"items/{core}/history", "root")["events"][0]
    assert "unit_value" in first["withheld"]


def test_answers_to_tokens_are_never_stored_by_shared_caches(site: Site, core: str) -> None:
    for path in (f"items/{core}", "events", "/tile/entries/000.p/1"):
        assert site.get(path, "customs").headers["cache-control"] == "private, no-cache"


def test_false_signature_of_a_known_key_reveals_nothing_about_the_item(
    site: Site, core: str
) -> None:
    behind = site.world.sign("clean", core, {"method": "steam"})
    site.world.add("clean", core)
    site.feed()
    assert problem_of(site.post([break_signature(behind)])) == (422, "signature.false")
    assert problem_of(site.post([behind])) == (409, "chain.taken")
