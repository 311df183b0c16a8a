"""Who gets in, for how long, and what a session may do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.console.console import make_link, open_page, send, sign_in
from tests.api.site import NOW, Site, problem_of, running
from tests.api.test_api_account import make_plant
from tests.world import make_signer
from traceledger.events.encoding import decode_base64url
from traceledger.formats.access_token import sign_access
from traceledger_api.sessions import LINK_SECONDS, Sessions


def test_link_works_once_and_only_by_sending_its_form(own: Site) -> None:
    """Defends against mail scanners that open links, and against links that are used again."""
    code = make_link(own, "customs")
    for _ in range(2):
        page = own.client.request("GET", f"/customs/login?code={code}")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert code in page.text
    first, second = send(own, {"code": code}), send(own, {"code": code})
    assert (first.status_code, second.status_code) == (303, 403)
    assert "set-cookie" not in second.headers
    cookie = first.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/customs", "Max-Age=28800"):
        assert attribute in cookie
    assert cookie.startswith("__Secure-traceledger=")


def test_link_and_session_end_with_time(tmp_path: Path) -> None:
    """Defends against a link in an old mail, and against a browser that is left open."""
    now = [float(NOW)]
    with running(tmp_path / "ledger", make_plant(), clock=lambda: now[0]) as site:
        code = make_link(site, "customs")
        now[0] += 300
        assert send(site, {"code": code}).status_code == 403
        now[0] -= 300
        cookie = sign_in(site)
        assert open_page(site, "/customs", cookie).url.path == "/customs"
        now[0] += 8 * 3600
        assert open_page(site, "/customs", cookie).url.path == "/customs/login"


@pytest.mark.parametrize("by", ["carrier", "operator", "plant admin", "distributor"])
def test_keys_without_the_role_get_no_link(shared: Site, by: str) -> None:
    """Defends against buyers and stations that read the book."""
    answer = shared.client.request("POST", "/api/v1/login-links", headers=shared.bearer(by))
    assert problem_of(answer) == (403, "access.role")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/items",
        "/findings",
        "/log",
        "/samples",
        "/list",
        "/reports",
        "/reports/account.json",
        "/reports/report.html",
        "/evidence?figure=/open_cores",
        "/event/1",
    ],
)
def test_strangers_are_led_to_the_login_page(shared: Site, path: str) -> None:
    """Defends against a page that forgets to ask who reads it."""
    for cookie in ("", "__Secure-traceledger=x", "traceledger=x"):
        answer = open_page(shared, f"/customs{path}", cookie)
        assert answer.url.path == "/customs/login"
        assert "H80122500001" not in answer.text


def test_session_ends_with_its_key(own: Site) -> None:
    """Defends against a lost key whose session goes on."""
    cookie = sign_in(own)
    assert open_page(own, "/customs", cookie).url.path == "/customs"
    kid = make_signer("customs").key.kid
    own.world.add("revoke_key", f"key/{kid}", {"reason": "lost"}, by="root")
    own.feed()
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"


def test_session_ends_with_its_role_and_its_party(own: Site) -> None:
    """Defends against a session whose party lost the role that opened it."""
    cookie = sign_in(own)
    own.world.admit("customs", ("carrier",), seed="2")
    own.feed()
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"
    importer = sign_in(own, "importer")
    own.world.dismiss("plant")
    own.feed()
    assert open_page(own, "/customs", importer).url.path == "/customs/login"


def test_cookie_authorises_neither_events_nor_the_api(own: Site) -> None:
    """Defends against a browser that writes, or reads the API, by its session."""
    cookie = sign_in(own)
    headers = {"cookie": cookie}
    for path in ("account", "items", "checkpoints"):
        with_cookie = own.get(path, headers=headers)
        assert with_cookie.status_code == own.get(path).status_code
    assert own.refusal("account", headers=headers) == (401, "access.needed")
    answer = own.client.request("POST", "/customs", headers=headers)
    assert answer.status_code == 405


def test_cookies_of_other_programs_hide_no_session(shared: Site) -> None:
    """Programs on one host share their cookies: an odd value led back to the login page."""
    cookie = sign_in(shared)
    for others in (
        'prefs={"a":"b"}; %s',
        "%s; bad[name]=1",
        ';=; a=b=c; %s ; "',
        "traceledger; %s",
    ):
        assert open_page(shared, "/customs", others % cookie).url.path == "/customs"


def test_signing_out_ends_the_session(own: Site) -> None:
    """Defends against a cookie that was copied before its owner signed out."""
    cookie = sign_in(own)
    answer = own.client.request("POST", "/customs/logout", headers={"cookie": cookie})
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert open_page(own, "/customs", cookie).url.path == "/customs/login"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://["},
    ],
)
def test_forms_of_other_sites_are_refused(shared: Site, headers: dict[str, str]) -> None:
    """Defends against another site that signs its reader in as somebody else."""
    answer = send(shared, {"code": make_link(shared, "customs")}, **headers)
    assert problem_of(answer) == (403, "login.site")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil", "/x\n", "/\N{EURO SIGN}"]
)
def test_login_leads_nowhere_else(shared: Site, place: str) -> None:
    """Defends against a link to this server that ends on another."""
    answer = send(shared, {"code": make_link(shared, "customs"), "next": place})
    assert answer.headers["location"] == "/customs"


def challenge_token(site: Site, by: str, nonce: bytes) -> str:
    actor = site.world.actors[by]
    return sign_access(
        actor.signer,
        origin=site.context.service.origin,
        issuer=actor.iss,
        authority=actor.auth,
        now=NOW,
        nonce=nonce,
    ).decode()


def test_challenge_signs_in_once(own: Site) -> None:
    """Defends against a recorded signature, and against one that no server asked for."""
    jti = own.client.request("GET", "/customs/challenge").json()["jti"]
    token = challenge_token(own, "customs", decode_base64url(jti.encode()))
    assert send(own, {"token": token}).status_code == 303
    assert problem_of(send(own, {"token": token})) == (401, "access.refused")
    other = challenge_token(own, "customs", b"0123456789abcdef")
    assert problem_of(send(own, {"token": other})) == (401, "access.refused")


def test_strangers_cannot_use_up_the_challenges(own: Site) -> None:
    """Anyone may ask for a challenge: asking often kept everyone else from signing in."""
    asked = {own.context.sessions.make_challenge() for _ in range(5_000)}
    assert len(asked) == 5_000
    jti = own.client.request("GET", "/customs/challenge").json()["jti"]
    token = challenge_token(own, "customs", decode_base64url(jti.encode()))
    assert send(own, {"token": token}).status_code == 303


def test_challenge_of_another_server_or_time_is_refused() -> None:
    """A challenge is not kept: it must prove who made it, and when."""
    times = [1_000.0]
    sessions = Sessions(lambda: times[0])
    challenge = sessions.make_challenge()
    assert not Sessions(lambda: times[0]).use_challenge(challenge)
    for at in range(len(challenge)):
        other = challenge[:at] + ("A" if challenge[at] != "A" else "B") + challenge[at + 1 :]
        assert not sessions.use_challenge(other)
    late = sessions.make_challenge()
    assert [sessions.use_challenge(challenge) for _ in range(2)] == [True, False]
    times[0] += LINK_SECONDS
    assert not sessions.use_challenge(late)


def test_text_that_is_no_token_is_refused(shared: Site) -> None:
    for text in ("\N{EURO SIGN}", "\xe9", "a.b.c", ""):
        answer = send(shared, {"token": text, "code": "x"})
        assert answer.status_code in {401, 403}
