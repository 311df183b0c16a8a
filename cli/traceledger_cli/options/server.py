"""A ledger's server as the commands use it: the keys and the signing stay on this machine."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from traceledger.errors import NotFoundError, UsageError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.access_token import LIFETIME, sign_access
from traceledger.formats.trust import TrustFile, parse_trust
from traceledger.identifiers.digital_link import check_base_url
from traceledger_cli.options.trust_store import find_trust

if TYPE_CHECKING:  # httpx is loaded when a server is asked, not before
    from traceledger.client.remote import RemoteLedger
    from traceledger.client.transport import Transport
    from traceledger.planning.signing import Identity

__all__ = ["LEDGER", "Server"]

_TOKEN = "TRACELEDGER_TOKEN"  # noqa: S105 - the name of a variable


class _Ledger(click.ParamType[Path | str]):
    """A folder, or the address of a server."""

    name = "ledger"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """A Path, or an address as text."""
        del param, ctx
        if isinstance(value, Path):
            return value
        text = str(value)
        if text.startswith(("https://", "http://")):
            return check_base_url(text.removesuffix("/"))
        return Path(text)


LEDGER = _Ledger()


class Server:
    """One server, its trust file, and the tokens that it is asked with."""

    def __init__(self, url: str) -> None:
        self._url = url

    @functools.cached_property
    def trust(self) -> TrustFile:
        """The kept trust file of its ledger, else the server's own."""
        read_trust = _client().read_trust
        with contextlib.closing(self._transport()) as transport:
            given = parse_trust(read_trust(transport))
        try:
            return parse_trust(find_trust(given.origin))
        except NotFoundError:
            return given

    def identity(self, kid: str) -> Identity:
        """What a key is in the ledger."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.identity(kid)

    def passport(self, item: str) -> bytes:
        """The passport of an item, as the server gives it to this reader."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.passport(item)

    def link_base(self) -> str:
        """The address that the links of items begin with, by the server's word."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.link_base()

    def open(self, signer: SoftwareSigner | None) -> RemoteLedger:
        """The ledger, asked with tokens by this key, else with TRACELEDGER_TOKEN if it is set."""
        made: RemoteLedger = _client().RemoteLedger(self._transport(signer), self.trust)
        return made

    def _transport(self, signer: SoftwareSigner | None = None) -> Transport:
        token = _Tokens(self, signer) if signer else lambda: os.environ.get(_TOKEN, "")
        made: Transport = _client().Transport(self._url, token=token)
        return made


def _client() -> Any:
    """The client's module; it loads httpx."""
    try:
        return importlib.import_module("traceledger.client.remote")
    except ModuleNotFoundError as error:
        raise UsageError("usage.extra", f"a server's ledger needs {error.name}") from error


class _Tokens:
    """A fresh token whenever the one before is about to end."""

    def __init__(self, server: Server, signer: SoftwareSigner) -> None:
        self._server = server
        self._signer = signer
        self._made = -float(LIFETIME)
        self._token = ""

    def __call__(self) -> str:
        now = time.time()
        if now - self._made > LIFETIME / 2:
            identity = self._server.identity(self._signer.key.kid)
            self._token = sign_access(
                self._signer,
                origin=self._server.trust.origin,
                issuer=identity.issuer,
                authority=identity.authority,
                now=int(now),
                nonce=secrets.token_bytes(16),
            ).decode()
            self._made = now
        return self._token
