"""Founding a ledger: its folder, its two keys and the `found` event, all or nothing."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from traceledger.errors import StorageError
from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.files.durable import make_folder, sync_folder
from traceledger.files.new_folder import require_vacant_folder
from traceledger.formats.note import NoteVerifier
from traceledger.formats.possession import prove_possession
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.keeping.home import Home
from traceledger.planning.keys import LOG_KEY, ROOT_KEY
from traceledger.planning.signing import Identity, sign_drafts
from traceledger.storage.opening import discard_store, require_vacant

__all__ = ["found_ledger"]


def found_ledger(
    path: Path,
    origin: str,
    url: str,
    name: str,
    passphrase: bytes,
    *,
    clock: Callable[[], float],
    randbytes: Callable[[int], bytes],
    store: str = "",
    dry_run: bool = False,
) -> Home:
    """Founds a ledger in a new or empty folder and publishes its first checkpoint.

    The folder is created beside its final place and then renamed, so that a failure leaves no
    partial ledger. `passphrase` encrypts the log key and the root key. `store` is the address of a
    database for the events, empty for a file in the folder. With `dry_run`, the ledger is created
    among temporary files and deleted. Raises ConflictError `store.exists`, StorageError `store.*`,
    and MalformedError or UsageError for invalid values.
    """
    target = path.absolute()
    require_vacant_folder(target, "store.exists")
    with _scratch(None if dry_run else target.parent) as scratch:
        if store and dry_run:
            require_vacant(store)
        home = Home.create(scratch / "new", origin, url, "" if dry_run else store)
        try:
            _found(home, name, passphrase, clock=clock, randbytes=randbytes)
            if not dry_run:
                (scratch / "new").replace(target)
        except BaseException:
            discard_store(home.place)
            raise
        if not dry_run:
            sync_folder(target.parent)
    return Home(path, origin, url, store)


def _found(
    home: Home,
    name: str,
    passphrase: bytes,
    *,
    clock: Callable[[], float],
    randbytes: Callable[[int], bytes],
) -> None:
    log = SoftwareSigner.from_seed(randbytes(32))
    root = SoftwareSigner.from_seed(randbytes(32))
    home.keys.add(LOG_KEY, log, passphrase)
    home.keys.add(ROOT_KEY, root, passphrase)
    draft = Draft(
        kind="found",
        item="ledger",
        data={
            "name": name,
            "log_vkey": format_vkey(NoteVerifier(home.origin, log.key)),
            "root_jwk": msgspec.to_builtins(root.key.jwk),
            "possession": prove_possession(home.origin, "ledger", root),
            "rules": 1,
        },
    )
    with contextlib.closing(home.write(clock, passphrase)) as ledger:
        identity = Identity("ledger", "")
        signed = sign_drafts(ledger, [draft], root, identity, randbytes=randbytes)
        ledger.append([signature.wire for signature in signed])
        home.publish(ledger)


@contextlib.contextmanager
def _scratch(parent: Path | None) -> Iterator[Path]:
    """Creates a temporary folder in `parent`, or in the system's, and deletes it at the end."""
    if parent is not None:
        make_folder(parent)
    try:
        folder = tempfile.mkdtemp(prefix=".traceledger-", dir=parent)
    except OSError as error:
        raise StorageError("store.write", f"no folder can be made: {error}") from error
    try:
        yield Path(folder)
    except OSError as error:
        raise StorageError("store.write", f"no folder can be made: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
