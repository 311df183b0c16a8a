"""A bucket of an object store with the interface of S3, through `obstore`.

A fixed object is created only if there is none (`If-None-Match`), and every other is replaced only
if it is the one that was read (`If-Match`) and of no larger log: so two writers never overwrite
each other's newer objects, without a lock. Credentials, region and endpoint come from the variables
of the AWS tools, `AWS_…`.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from traceledger.errors import ConflictError, MalformedError, RemoteError
from traceledger.files.static_store import MAX_FILE, Held, StaticFile, check_same

if TYPE_CHECKING:  # types that exist in its stubs only
    from obstore import Attributes, GetResult, PutMode
    from obstore.store import RetryConfig

__all__ = ["PATIENCE", "BucketStore"]

PATIENCE = 30.0
"""Seconds for which a request that failed is sent again."""

_FIXED = "public, max-age=31536000, immutable"
_CHANGING = "public, max-age=5"
_SIZE = "traceledger-size"
"""The name under which an object's metadata has the size of the log that it shows."""
_TRIES = 8  # of a write that other writers overtake
_SILENCE = 3.0  # seconds after which a request that is not answered is mentioned


class BucketStore:
    """A bucket, or a folder of one, given as `s3://BUCKET/FOLDER`."""

    def __init__(
        self,
        address: str,
        on_wait: Callable[[], None] = lambda: None,
        *,
        patience: float = PATIENCE,
        silence: float = _SILENCE,
    ) -> None:
        """Opens the bucket; sends nothing yet.

        `on_wait` is called once, from another thread, when a request has not been answered for
        `silence` seconds; after `patience` seconds, none is sent again. Raises RemoteError
        `publish.store` for settings that cannot be used.
        """
        self._address = address
        self._watch = _Watch(on_wait, silence)
        with self._failing():
            retry: RetryConfig = {"retry_timeout": timedelta(seconds=patience)}
            self._store = S3Store.from_url(address, retry_config=retry)

    def lock(self) -> AbstractContextManager[object]:
        """Locks nothing: conditional writes keep writers apart."""
        return contextlib.nullcontext()

    def read(self, path: str, limit: int) -> Held | None:
        """Reads an object."""
        with self._failing():
            try:
                found = obstore.get(self._store, path)
            except FileNotFoundError:
                return None
            if found.meta["size"] > limit:
                raise MalformedError("file.size", f"is larger than {limit:,} bytes", where=path)
            return Held(bytes(found.bytes()), found.meta["e_tag"] or "")

    def write(self, file: StaticFile) -> None:
        """Writes an object; one that exists is compared if it is fixed."""
        with self._failing():
            if not file.fixed:
                self._replace(file)
                return
            try:
                self._put(file, "create")
            except AlreadyExistsError:
                held = self.read(file.path, MAX_FILE)
                check_same(file, held.data if held else b"")

    def exchange(self, file: StaticFile, held: Held | None) -> None:
        """Replaces an object if it is the one that was read."""
        with self._failing():
            try:
                self._put(file, {"e_tag": held.version} if held else "create")
            except _OVERTAKEN as error:
                raise _race(file) from error

    def names(self, folder: str) -> list[str]:
        """Lists the names of the objects in a folder."""
        with self._failing():
            found = obstore.list_with_delimiter(self._store, folder)
        return sorted(one["path"].rpartition("/")[2] for one in found["objects"])

    def remove(self, path: str) -> None:
        """Removes an object."""
        with self._failing():
            obstore.delete(self._store, path)

    def _replace(self, file: StaticFile) -> None:
        """Writes an object unless the bucket has it of a larger log."""
        for _ in range(_TRIES):
            mode: PutMode = "create"
            with contextlib.suppress(FileNotFoundError):
                found = obstore.get(self._store, file.path, options={"head": True})
                if _size_of(found) > file.size:
                    return
                mode = {"e_tag": found.meta["e_tag"] or ""}
            with contextlib.suppress(*_OVERTAKEN):
                self._put(file, mode)
                return
        raise _race(file)

    def _put(self, file: StaticFile, mode: PutMode) -> None:
        attributes: Attributes = {
            "Content-Type": file.media,
            "Cache-Control": _FIXED if file.fixed else _CHANGING,
            _SIZE: str(file.size),
        }
        # One request whatever the size: an upload in parts has no condition.
        obstore.put(
            self._store,
            file.path,
            file.data,
            mode=mode,
            attributes=attributes,
            use_multipart=False,
        )

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Turns every failure of the store into RemoteError `publish.store`."""
        try:
            with self._watch.request():
                yield
        except (BaseError, OSError, ValueError) as error:
            cause = str(error).partition("\n")[0][:300]
            raise RemoteError("publish.store", f"{self._address}: {cause}") from error


class _Watch:
    """Mentions once that a request has not been answered for a while.

    A thread looks at the request in progress and ends when there is none: it looks once in so many
    seconds, however many requests there are meanwhile.
    """

    def __init__(self, on_wait: Callable[[], None], silence: float) -> None:
        self._on_wait = on_wait
        self._silence = silence
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._watching = False  # stays true once it was mentioned

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """Watches a request; one inside another is part of it."""
        if self._begun is not None:
            yield
            return
        with self._lock:
            self._begun = time.monotonic()
            starts, self._watching = not self._watching, True
        if starts:
            threading.Thread(target=self._run, daemon=True).start()
        try:
            yield
        finally:
            self._begun = None

    def _run(self) -> None:
        pause = self._silence
        while pause > 0:
            time.sleep(pause)
            with self._lock:
                begun = self._begun
                if begun is None:
                    self._watching = False
                    return
            pause = begun + self._silence - time.monotonic()
        self._on_wait()


_OVERTAKEN = (AlreadyExistsError, PreconditionError, FileNotFoundError)
"""How a store refuses a condition: with `If-Match`, an object that was removed is not found."""


def _race(file: StaticFile) -> ConflictError:
    return ConflictError("publish.race", "was replaced by another writer", where=file.path)


def _size_of(found: GetResult) -> int:
    """Returns the size of the log that an object shows; 0 if it does not state it."""
    stated = str(found.attributes.get(_SIZE, ""))
    return int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 20 else 0
