"""Signing in to the console and opening its pages and forms, for tests."""

from __future__ import annotations

from urllib.parse import quote

from httpx import Response

from tests.api.site import URL, Site

HOSTILE = '"><script>alert(1)</script>{{7*7}}=1+1'


def make_link(site: Site, by: str) -> str:
    answer = site.client.request("POST", "/api/v1/login-links", headers=site.bearer(by))
    assert answer.status_code == 200, answer.text
    link = str(answer.json()["link"])
    assert link.startswith(f"{URL}/customs/login?code=")
    return link.removeprefix(f"{URL}/customs/login?code=")


def send(site: Site, fields: dict[str, str], **headers: str) -> Response:
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    kind = {"content-type": "application/x-www-form-urlencoded"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.client.request(
        "POST", "/customs/login", content=body.encode(), headers={**kind, **more}
    )


def sign_in(site: Site, by: str = "customs") -> str:
    """Signs in and returns the cookie, which the client itself forgets."""
    answer = send(site, {"code": make_link(site, by)})
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    site.client.cookies.clear()
    return str(cookie)


def open_page(site: Site, path: str, cookie: str = "") -> Response:
    """Opens a page as a browser with this cookie does, which follows redirects."""
    jar = site.client.cookies
    name, _, value = cookie.partition("=")
    if name:
        jar.set(name, value, domain="id.example", path="/customs")
    headers = {"accept": "text/html"}
    answer = site.client.request("GET", path, headers=headers, follow_redirects=True)
    jar.clear()
    return answer


def send_form(site: Site, path: str, cookie: str, body: bytes, kind: str) -> Response:
    """Sends a form of a page about the newest size."""
    return site.client.request(
        "POST",
        f"/customs{path}&to={site.context.service.published.size}&lang=en",
        content=body,
        headers={"content-type": kind, "cookie": cookie},
    )
