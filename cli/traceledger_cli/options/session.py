"""The options that name a ledger and its keys, and the session that opens them."""

from __future__ import annotations

import contextlib
import functools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from traceledger.errors import NoLedgerError, UsageError
from traceledger.events.draft import Draft
from traceledger.events.keys import PublicKey, SoftwareSigner
from traceledger.planning.keys import ROOT_KEY, Keys
from traceledger.planning.signing import Identity, find_identity, sign_drafts
from traceledger.rules.state import LedgerState
from traceledger.views.appended import Logged
from traceledger.views.ledger import LedgerView, OpenLedger
from traceledger_cli.extras import load
from traceledger_cli.options.archive import is_exported, open_archive
from traceledger_cli.options.completion import complete_key
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.passphrases import ask_passphrase, find_passphrase
from traceledger_cli.options.server import LEDGER, Server
from traceledger_cli.output import Output

if TYPE_CHECKING:  # the database is loaded for a folder only
    from traceledger.ledger.keeping.home import Home
    from traceledger.ledger.ledger import Ledger

__all__ = [
    "Answer",
    "Session",
    "append_wires",
    "fetching",
    "key_options",
    "reading",
    "signing",
    "writing",
]

Function = Callable[..., Any]
Answer = tuple[Sequence[Logged], str]


class Session:
    """Opens a ledger, in a folder or on a server, and the user's keys with their passphrases."""

    def __init__(
        self,
        *,
        ledger: Path | str,
        keys: Path | None = None,
        key: str | None = None,
        passphrase_file: Path | None = None,
        key_passphrase_file: Path | None = None,
    ) -> None:
        self._path = ledger
        self._keys = keys
        self._key = key
        self._file = passphrase_file
        self._key_file = key_passphrase_file
        self._known: dict[Path, bytes] = {}
        self._signer: SoftwareSigner | None = None

    @functools.cached_property
    def home(self) -> Home:
        """The ledger's folder.

        Raises NoLedgerError `store.none`, or UsageError `usage.remote` for a server's address.
        """
        if isinstance(self._path, str):
            raise UsageError("usage.remote", f"{self._path} is a server")
        if is_exported(self._path):
            raise NoLedgerError(
                "store.none",
                f"{self._path} is an archive",
                hint="This command needs the folder of the ledger itself; give it with --ledger.",
            )
        home: Home = load("traceledger.ledger.keeping.home", "a ledger's folder").Home.open(
            self._path
        )
        return home

    @functools.cached_property
    def server(self) -> Server | None:
        """The ledger's server; None for a folder."""
        return Server(self._path) if isinstance(self._path, str) else None

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.server.trust.origin if self.server else self.home.origin

    @property
    def url(self) -> str:
        """The base address of item links."""
        return self.server.link_base() if self.server else self.home.url

    @property
    def keys(self) -> Keys:
        """The folder of the user's keys: `--keys`, otherwise the ledger's own."""
        return Keys(self._keys) if self._keys else self.home.keys

    @contextlib.contextmanager
    def reading(self) -> Iterator[OpenLedger]:
        """Opens the ledger for reading; an open key authenticates to a server."""
        if self.server:
            with contextlib.closing(self.server.open(self._signer)) as remote:
                yield remote
            return
        with self.reading_folder() as ledger:
            yield ledger

    @contextlib.contextmanager
    def viewing(self, out: Output) -> Iterator[LedgerView]:
        """Opens the ledger for reading, which can also be an archive."""
        if isinstance(self._path, Path) and is_exported(self._path):
            yield open_archive(self._path, out)
            return
        with self.reading() as ledger:
            yield ledger

    @contextlib.contextmanager
    def writing(self) -> Iterator[OpenLedger]:
        """Opens the ledger for writing; a server acquires its own writer lock."""
        with self.reading() if self.server else self.writing_folder() as ledger:
            yield ledger

    @contextlib.contextmanager
    def reading_folder(self) -> Iterator[Ledger]:
        """Opens the ledger's folder for reading."""
        with contextlib.closing(self.home.read(time.time)) as ledger:
            yield ledger

    @contextlib.contextmanager
    def writing_folder(self) -> Iterator[Ledger]:
        """Opens the ledger's folder for writing and acquires the writer lock."""
        passphrase = self._passphrase(self.home.keys)
        with contextlib.closing(self.home.write(time.time, passphrase)) as ledger:
            yield ledger

    @contextlib.contextmanager
    def accepting_cosignatures(self) -> Iterator[Ledger]:
        """Opens the ledger's folder to add cosignatures, also while another process writes."""
        with contextlib.closing(self.home.open_for_cosignatures(time.time)) as ledger:
            yield ledger

    def find_key(self, reference: str) -> tuple[Keys, str]:
        """Returns the folder and name of a key, given as `NAME` or `FOLDER/NAME`."""
        folder, slash, name = reference.rpartition("/")
        return (Keys(Path(folder)), name) if slash else (self.keys, name)

    def public_key(self, reference: str) -> PublicKey:
        """Returns the public half of a key."""
        keys, name = self.find_key(reference)
        return keys.public(name)

    def signer(self, reference: str | None = None, *, default: str = "") -> SoftwareSigner:
        """Opens the key named here, otherwise that of `--key`, otherwise the default."""
        wanted = reference or self._key or default
        if not wanted:
            raise UsageError(
                "usage.option", "no key is named", hint="Name the signing key: --key NAME."
            )
        keys, name = self.find_key(wanted)
        keys.public(name)  # reports an unknown name before it prompts for a passphrase
        self._signer = keys.signer(name, self._passphrase(keys))
        return self._signer

    def open_key(self) -> SoftwareSigner | None:
        """Opens the key of `--key`; returns None without the option."""
        return self.signer() if self._key else None

    def new_passphrase(self, keys: Keys, name: str) -> bytes:
        """Returns the passphrase for a new key in that folder."""
        return ask_passphrase(self._file_for(keys), f"key {name}")

    def sign_and_append(
        self, drafts: Sequence[Draft], *, dry_run: bool, default_key: str = ""
    ) -> Answer:
        """Signs drafts as one request and appends them; with `dry_run`, only checks them.

        Returns the position of each event and the receipt, which is empty if nothing was written.
        """
        signer = self.signer(default=default_key)
        with self.reading() if dry_run else self.writing() as ledger:
            return self.append(ledger, drafts, signer, dry_run=dry_run)

    def append(
        self, ledger: OpenLedger, drafts: Sequence[Draft], signer: SoftwareSigner, *, dry_run: bool
    ) -> Answer:
        """Signs drafts and appends them to a ledger that is already open."""
        identity = self.identity(ledger, signer)
        signed = sign_drafts(ledger, drafts, signer, identity, randbytes=secrets.token_bytes)
        return append_wires(ledger, [event.wire for event in signed], dry_run=dry_run)

    def identity(self, ledger: OpenLedger, signer: SoftwareSigner) -> Identity:
        """Returns the key's identity in the ledger; raises NotFoundError `key.unregistered`."""
        kid = signer.key.kid
        return self.server.identity(kid) if self.server else find_identity(ledger, kid)

    def root_key(self) -> str:
        """Finds the current root key in the ledger's folder, as a value for `--key`."""
        keys = self.home.keys
        with self.reading_folder() as ledger:
            state = ledger.state("ledger")
        root = state.root_kid if isinstance(state, LedgerState) else ""
        name = next((name for name in keys.names() if keys.public(name).kid == root), ROOT_KEY)
        return str(keys.path / name)

    def passphrase(self) -> bytes:
        """The passphrase of the ledger's own keys."""
        return self._passphrase(self.home.keys)

    def own_passphrase(self, what: str) -> bytes:
        """The passphrase of `--passphrase-file`, which opens `what`."""
        return find_passphrase(self._file, what)

    def _passphrase(self, keys: Keys) -> bytes:
        found = self._known.get(keys.path)
        if found is None:
            found = find_passphrase(self._file_for(keys), f"the keys in {keys.path}")
            self._known[keys.path] = found
        return found

    def _file_for(self, keys: Keys) -> Path | None:
        outside = isinstance(self._path, str) or keys.path != self._path / "keys"
        return (self._key_file if outside else None) or self._file


def append_wires(ledger: OpenLedger, wires: Sequence[bytes], *, dry_run: bool) -> Answer:
    """Appends signed events; with `dry_run`, only checks them."""
    if dry_run:
        return ledger.check(wires), ""
    appended = ledger.append(wires)
    return appended.events, appended.receipt.decode()


def reading(function: Function) -> Function:
    """Adds `--ledger`; the function receives `session`."""
    return _with_session(function, [_LEDGER])


def writing(function: Function) -> Function:
    """Adds the options for writing with the log key; the function receives `session`."""
    return _with_session(function, [_LEDGER, _PASSPHRASE])


def key_options(function: Function) -> Function:
    """Adds the options for opening keys; the function receives `session`."""
    return _with_session(function, [_LEDGER, _KEYS, _PASSPHRASE, _KEY_PASSPHRASE])


def signing(function: Function) -> Function:
    """Adds the options for signing and writing; the function receives `session`."""
    return _with_session(function, [_KEY, _KEYS, _LEDGER, _PASSPHRASE, _KEY_PASSPHRASE])


def fetching(function: Function) -> Function:
    """Adds the argument URL and the key that authenticates; the function receives `session`."""
    return _with_session(function, [_URL, _KEY, _KEYS, _PASSPHRASE, _KEY_PASSPHRASE])


_FOLDER = click.Path(file_okay=False, path_type=Path)
_URL = click.argument("ledger", metavar="URL", type=LEDGER)
_LEDGER = click.option(
    "--ledger",
    type=LEDGER,
    envvar="TRACELEDGER_LEDGER",
    default=".",
    help="The ledger's folder, or the https address of its server. Default: TRACELEDGER_LEDGER,"
    " otherwise the current folder.",
)
_KEY = click.option(
    "--key",
    metavar="NAME",
    envvar="TRACELEDGER_KEY",
    shell_complete=complete_key,
    help="The signing key: its name, or FOLDER/NAME.",
)
_KEYS = click.option(
    "--keys",
    type=_FOLDER,
    envvar="TRACELEDGER_KEYS",
    help="The folder of your keys. Default: that of the ledger.",
)
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_PASSPHRASE_FILE",
    help="A file with the passphrase. Default: a prompt.",
)
_KEY_PASSPHRASE = click.option(
    "--key-passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_KEY_PASSPHRASE_FILE",
    help="A file with the passphrase of keys outside the ledger, if it is different.",
)
_NAMES = ("ledger", "keys", "key", "passphrase_file", "key_passphrase_file")


def _with_session(
    function: Function, options: Sequence[Callable[[Function], Function]]
) -> Function:
    @functools.wraps(function)
    def run(*args: Any, **parameters: Any) -> Any:
        given = {name: parameters.pop(name) for name in _NAMES if name in parameters}
        return function(*args, session=Session(**given), **parameters)

    decorated: Function = run
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
