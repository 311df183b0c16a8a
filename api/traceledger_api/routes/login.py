"""Signing in to the customs console: one-time links, signed challenges, and the session cookie.

No GET changes anything: a link opens a form, and sending the form uses the link up. The cookie is
sent to the console only, never to the API, so that it cannot authorise an event.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotAllowedError
from traceledger.formats.access_token import parse_access
from traceledger.ledger.reading.accounts import ACCOUNT_READERS, account_reader
from traceledger.ledger.reading.rights import Holder, Rights, find_rights
from traceledger.views import answers
from traceledger_api.context import Caller, Context, Ctx, access_error
from traceledger_api.forms import parse_fields
from traceledger_api.openapi import answer
from traceledger_api.pages.customs.render import HEADERS, respond_page
from traceledger_api.pages.customs.visit import Addresses
from traceledger_api.pages.customs.words import ConsoleWords, choose_words
from traceledger_api.sessions import LINK_SECONDS, SESSION_SECONDS

__all__ = [
    "LOGOUT",
    "PATH",
    "api",
    "check_site",
    "console_root",
    "find_visitor",
    "router",
    "words_of",
]

api = APIRouter(tags=["account"])
router = APIRouter(include_in_schema=False)

PATH = "/customs/login"
LOGOUT = "/customs/logout"
_COOKIE = "traceledger"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@api.post(
    "/login-links",
    operation_id="makeLoginLink",
    summary="A one-time link to the customs console",
    responses=answer(answers.LoginLink),
    response_class=Response,
)
async def make_link(ctx: Ctx, caller: Caller) -> Response:
    """Returns a link that signs a browser in as the key of the access token, once."""
    if caller.holder is None:
        raise access_error(caller, ACCOUNT_READERS)
    account_reader(caller.reader)
    secret = ctx.sessions.make_link(caller.holder)
    link = answers.LoginLink(
        link=f"{ctx.url}{PATH}?{urlencode({'code': secret})}", seconds=LINK_SECONDS
    )
    return Response(
        msgspec.json.encode(link),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


@router.get(PATH)
async def show(request: Request, ctx: Ctx) -> Response:
    """Shows how to sign in; with a link's code, the form that uses the link."""
    code = request.query_params.get("code", "")
    problem = "" if not code or ctx.sessions.has_link(code) else "link"
    return _page(request, ctx, problem=problem, code="" if problem else code)


@router.post(PATH)
async def sign_in(request: Request, ctx: Ctx) -> Response:
    """Starts a session for the holder of a link or of a signed challenge."""
    check_site(request, ctx)
    form = parse_fields(await request.body())
    if "token" in form:
        holder = await _challenged(ctx, form["token"])
    else:
        found = ctx.sessions.use_link(form.get("code", ""))
        if found is None:
            return _page(request, ctx, problem="link", status=403)
        holder = found
    await ctx.read(_check_holder, ctx, holder)
    secret = ctx.sessions.start(holder)
    headers = dict(HEADERS) | {
        "Location": console_root(ctx) + _next(form.get("next", "")),
        "Set-Cookie": _cookie(request, ctx, secret, SESSION_SECONDS),
    }
    return Response(None, 303, headers)


@router.post(LOGOUT)
async def sign_out(request: Request, ctx: Ctx) -> Response:
    """Ends the session of the cookie."""
    check_site(request, ctx)
    ctx.sessions.end(_secret(request))
    headers = dict(HEADERS) | {
        "Location": f"{console_root(ctx)}/login",
        "Set-Cookie": _cookie(request, ctx, "", 0),
    }
    return Response(None, 303, headers)


@router.get("/customs/challenge")
async def challenge(ctx: Ctx) -> Response:
    """Returns what a browser's key signs to sign in: the nonce of an access token."""
    body = {"jti": ctx.sessions.make_challenge(), "aud": f"{ctx.service.origin}#api"}
    return Response(msgspec.json.encode(body), media_type="application/json", headers=dict(HEADERS))


async def find_visitor(request: Request, ctx: Context) -> Rights | None:
    """Returns the present rights of the session's key; None without a session.

    The session ends as soon as the key has no authority or no role that reads the account.
    """
    secret = _secret(request)
    session = ctx.sessions.find(secret) if secret else None
    if session is None:
        return None
    try:
        rights = await ctx.read(_rights, ctx, session.holder, session.expires)
        account_reader(rights.reader)
    except NotAllowedError:
        ctx.sessions.end(secret)
        return None
    return rights


def console_root(ctx: Context) -> str:
    """Returns the path of the console."""
    return urlsplit(ctx.url).path + "/customs"


def words_of(request: Request) -> ConsoleWords:
    """Returns the texts in the language of a request."""
    accepted = request.headers.get("accept-language")
    return choose_words(request.query_params.get("lang"), accepted)


def _page(
    request: Request, ctx: Context, *, problem: str = "", code: str = "", status: int = 200
) -> Response:
    words = words_of(request)
    at = Addresses(urlsplit(ctx.url).path, words.language)
    values: dict[str, Any] = {
        "origin": ctx.service.origin,
        "problem": problem,
        "code": code,
        "next": _next(request.query_params.get("next", "")),
        "url": ctx.url,
        "seconds": LINK_SECONDS,
    }
    return respond_page(request, "login", words, at, values, status=status)


def _rights(ctx: Context, holder: Holder, expires: int) -> Rights:
    return find_rights(holder, ctx.primary.state, expires=expires)


def _check_holder(ctx: Context, holder: Holder) -> None:
    account_reader(_rights(ctx, holder, 0).reader)


async def _challenged(ctx: Context, token: str) -> Holder:
    """Returns who signed a challenge of this server; raises NotAllowedError `access.refused`."""
    rights = await ctx.read(ctx.open_rights, f"Bearer {token}")
    if rights.holder is None or not ctx.sessions.use_challenge(parse_access(token.encode()).nonce):
        raise NotAllowedError("access.refused", "the challenge is not one of this server")
    return rights.holder


def check_site(request: Request, ctx: Context) -> None:
    """Checks that a form was not sent from another site; raises NotAllowedError `login.site`."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "null")
    own = {request.headers.get("host", ""), urlsplit(ctx.url).netloc}
    foreign = origin != "null" and _split(origin).netloc not in own
    if site not in {"same-origin", "none"} or foreign:
        raise NotAllowedError("login.site", "the form was sent from another site")


def _split(address: str) -> SplitResult:
    """Splits the address in a header; one that is malformed has no host."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _next(text: str) -> str:
    """Returns a place within the console, as far as a text is one."""
    safe = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if safe and text.isascii() and text.isprintable() and len(text) < 500 else ""


def _secret(request: Request) -> str:
    # Other programs on this host set cookies too, of any form: none of them may hide this one.
    found: dict[str, str] = {}
    for part in ";".join(request.headers.getlist("cookie")).split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found.get(f"__Secure-{_COOKIE}") or found.get(_COOKIE, "")


def _cookie(request: Request, ctx: Context, secret: str, seconds: int) -> str:
    """Returns a Set-Cookie header; only plain http on this machine gets no `Secure`."""
    host = _split(f"//{request.headers.get('host', '')}").hostname or ""
    direct = not any(name.startswith(("x-forwarded", "forwarded")) for name in request.headers)
    secure = host not in _LOOPBACK or not direct
    name = f"__Secure-{_COOKIE}" if secure else _COOKIE
    parts = [f"{name}={secret}", f"Path={console_root(ctx)}", f"Max-Age={seconds}"]
    parts += ["HttpOnly", "SameSite=Strict", *(["Secure"] if secure else [])]
    return "; ".join(parts)
