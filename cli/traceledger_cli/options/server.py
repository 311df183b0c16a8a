"""A ledger behind a server; keys and signing stay on this machine."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from traceledger.errors import NotFoundError
from traceledger.events.keys import SoftwareSigner
from traceledger.files.durable import read_file
from traceledger.formats.access_token import LIFETIME, sign_access
from traceledger.formats.archive import TRUST
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.trust import MAX_TRUST, TrustFile, parse_trust
from traceledger.identifiers.digital_link import check_base_url
from traceledger.views.answers import ItemRow, LoginLink
from traceledger.views.lineage import Lineage
from traceledger.views.rows import Search
from traceledger_cli.extras import load
from traceledger_cli.options.trust_store import find_trust

if TYPE_CHECKING:  # httpx is imported only when a server is used
    from traceledger.client.hammer import Hammered
    from traceledger.client.mirror import Mirrored
    from traceledger.client.remote import RemoteLedger
    from traceledger.client.transport import Transport
    from traceledger.planning.signing import Identity
    from traceledger.witness.witness import Fetch

__all__ = ["LEDGER", "Server"]

_TOKEN = "TRACELEDGER_TOKEN"  # noqa: S105 - the name of a variable


class _Ledger(click.ParamType[Path | str]):
    """A folder, or the address of a server."""

    name = "ledger"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Returns a Path, or an address as text."""
        del param, ctx
        if isinstance(value, Path):
            return value
        text = str(value)
        if text.startswith(("https://", "http://")):
            return check_base_url(text.removesuffix("/"))
        return Path(text)


LEDGER = _Ledger()


class Server:
    """A server, its trust file, and the tokens that authenticate requests to it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._unattended = False

    @functools.cached_property
    def trust(self) -> TrustFile:
        """The stored trust file of its ledger, otherwise the server's own."""
        read_trust = _client().read_trust
        with contextlib.closing(self._transport()) as transport:
            given = parse_trust(read_trust(transport))
        try:
            return parse_trust(find_trust(given.origin))
        except NotFoundError:
            return given

    def identity(self, kid: str) -> Identity:
        """The identity of a key in the ledger."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.identity(kid)

    def passport(self, item: str) -> bytes:
        """Fetches the passport of an item, as this reader may see it."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.passport(item)

    def lineage(self, item: str) -> Lineage:
        """Fetches the lineage of an item, as this reader may see it."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.lineage(item)

    def find_by_number(self, number: str, wanted: Search) -> list[ItemRow]:
        """Finds items on the document with that number, as far as this reader may see it."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.find_by_number(number, wanted)

    def proof(self, event: str) -> bytes:
        """Fetches the proof file of an event."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.proof(event)

    def link_base(self) -> str:
        """The base address of item links, as stated by the server."""
        with contextlib.closing(self.open(None)) as remote:
            return remote.link_base()

    def mirror(
        self,
        folder: Path,
        *,
        trust: TrustFile | None,
        signer: SoftwareSigner | None,
        show: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
    ) -> Mirrored:
        """Creates or extends a mirror, with tokens signed by this key; `show` shows progress.

        Without a trust file, that of the store applies, then the one in the mirror.
        """
        self._unattended = True
        module = load("traceledger.client.mirror", "a mirror")
        with contextlib.closing(self._transport(signer)) as transport:
            own = _client().read_trust(transport)
            known = trust or self._known_trust(parse_trust(own), folder)
            with show("Fetching", _claimed_size(transport)) as step:
                mirrored: Mirrored = module.mirror_ledger(
                    transport,
                    folder,
                    known,
                    own_trust=own,
                    on_progress=lambda done, _all: step(done),
                )
        return mirrored

    def hammer(
        self,
        signer: SoftwareSigner,
        *,
        items: Sequence[str],
        readers: int,
        goal: int,
        seconds: float,
        chance: random.Random,
    ) -> Hammered:
        """Loads the server, with events and tokens signed by this key."""
        module = load("traceledger.client.hammer", "a load test")
        planned = module.Load(items, readers, goal, seconds)
        trust = self.trust
        result: Hammered = module.hammer(
            lambda: self._transport(signer), trust, signer, planned, chance=chance
        )
        return result

    @contextlib.contextmanager
    def fetching(self, signer: SoftwareSigner | None) -> Iterator[Fetch]:
        """Yields a function that fetches entries of the log, with tokens signed by this key."""
        served = load("traceledger.client.served_log", "a replaying witness")
        with contextlib.closing(self._transport(signer)) as transport:
            yield functools.partial(served.read_entries, transport)

    def login_link(self, signer: SoftwareSigner) -> LoginLink:
        """Requests a one-time link for signing in with this key, below the address of the user."""
        with contextlib.closing(self.open(signer)) as remote:
            given = remote.login_link()
        place = f"{self._url}/customs/login?{urlsplit(given.link).query}"
        return LoginLink(link=place, seconds=given.seconds)

    def open(self, signer: SoftwareSigner | None) -> RemoteLedger:
        """Opens the ledger with tokens signed by this key, otherwise with TRACELEDGER_TOKEN."""
        remote: RemoteLedger = _client().RemoteLedger(self._transport(signer), self.trust)
        return remote

    def _transport(self, signer: SoftwareSigner | None = None) -> Transport:
        token = _Tokens(self, signer) if signer else lambda: os.environ.get(_TOKEN, "")
        client = _client()
        patience = client.UNATTENDED if self._unattended else client.INTERACTIVE
        transport: Transport = client.Transport(self._url, token=token, patience=patience)
        return transport

    def _known_trust(self, own: TrustFile, mirror: Path) -> TrustFile:
        """The trust file of the store, then that of the mirror, then the server's own."""
        try:
            return parse_trust(find_trust(own.origin))
        except NotFoundError:
            kept = read_file(mirror / TRUST, MAX_TRUST)
            return own if kept is None else parse_trust(kept)


def _claimed_size(transport: Transport) -> int:
    """The size of the newest checkpoint as stated, only to show the progress."""
    return parse_checkpoint(parse_note(transport.get_bytes("/checkpoint")).text).size


def _client() -> Any:
    """Loads the client's module, and with it httpx."""
    return load("traceledger.client.remote", "a ledger on a server")


class _Tokens:
    """Signs a new token when the previous one is about to expire."""

    def __init__(self, server: Server, signer: SoftwareSigner) -> None:
        self._server = server
        self._signer = signer
        self._signed_at = -float(LIFETIME)
        self._token = ""

    def __call__(self) -> str:
        now = time.time()
        if now - self._signed_at > LIFETIME / 2:
            identity = self._server.identity(self._signer.key.kid)
            self._token = sign_access(
                self._signer,
                origin=self._server.trust.origin,
                issuer=identity.issuer,
                authority=identity.authority,
                now=int(now),
                nonce=secrets.token_bytes(16),
            ).decode()
            self._signed_at = now
        return self._token
