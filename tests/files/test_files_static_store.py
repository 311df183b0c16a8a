"""A folder and a bucket, of a server with the interface of S3, keep the same promises."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from traceledger.errors import ConflictError, MalformedError, RemoteError
from traceledger.files.bucket import BucketStore
from traceledger.files.static_store import FolderStore, StaticFile, StaticStore

Open = Callable[[], StaticStore]
TILE = StaticFile("tile/0/000", bytes(8192), "application/octet-stream", fixed=True)
NOTE = StaticFile("checkpoint", b"one", "text/plain; charset=utf-8", fixed=False)


@pytest.fixture(params=["folder", "bucket"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same place for another writer each time."""
    if request.param == "folder":
        return lambda: FolderStore(tmp_path / "copy")
    request.getfixturevalue("object_store")
    return lambda: BucketStore("s3://copies/ledger")


def test_fixed_file_is_never_overwritten(open_store: Open) -> None:
    store = open_store()
    store.write(TILE)
    open_store().write(TILE)
    with pytest.raises(ConflictError) as refused:
        open_store().write(TILE._replace(data=b"\x01" * 8192))
    assert (refused.value.code, refused.value.where) == ("publish.file", TILE.path)
    held = store.read(TILE.path, 8192)
    assert held is not None
    assert held.data == TILE.data


def test_files_are_read_up_to_a_limit_replaced_listed_and_removed(open_store: Open) -> None:
    store = open_store()
    assert store.read(NOTE.path, 100) is None
    store.write(NOTE)
    store.write(NOTE._replace(data=b"two"))
    held = store.read(NOTE.path, 3)
    assert held is not None
    assert held.data == b"two"
    with pytest.raises(MalformedError):
        store.read(NOTE.path, 2)
    for width in ("7", "12"):
        store.write(TILE._replace(path=f"tile/0/000.p/{width}"))
    assert store.names("tile/0/000.p") == ["12", "7"]
    assert store.names("tile/1/000.p") == []
    store.remove("tile/0/000.p/7")
    assert store.names("tile/0/000.p") == ["12"]


@pytest.mark.usefixtures("object_store")
def test_checkpoint_is_replaced_only_if_nobody_replaced_it_since() -> None:
    """Two machines that publish to one bucket have no lock: the slower one must not win."""
    fast, slow = BucketStore("s3://copies/ledger"), BucketStore("s3://copies/ledger")
    fast.exchange(NOTE, None)
    with pytest.raises(ConflictError, match=r"publish\.race"):
        slow.exchange(NOTE._replace(data=b"late"), None)
    held = slow.read(NOTE.path, 100)
    fast.exchange(NOTE._replace(data=b"two"), fast.read(NOTE.path, 100))
    with pytest.raises(ConflictError, match=r"publish\.race"):
        slow.exchange(NOTE._replace(data=b"late"), held)
    found = slow.read(NOTE.path, 100)
    assert found is not None
    assert found.data == b"two"


@pytest.mark.usefixtures("object_store")
def test_object_of_a_larger_log_is_never_replaced() -> None:
    """A slow writer has a unit's page of before its recall when the fast one is done."""
    fast, slow = BucketStore("s3://copies/ledger"), BucketStore("s3://copies/ledger")
    page = StaticFile("01/9/21/U/index.html", b"", "text/html", fixed=False)
    shown: list[bytes] = []
    for store, size in ((slow, 100), (fast, 200), (slow, 150), (fast, 200), (slow, 300)):
        store.write(page._replace(data=b"%d %d" % (size, len(shown)), size=size))
        held = slow.read(page.path, 100)
        assert held is not None
        shown.append(held.data)
    assert shown == [b"100 0", b"200 1", b"200 1", b"200 3", b"300 4"]


@pytest.mark.usefixtures("object_store")
def test_objects_carry_their_type_and_how_long_caches_may_keep_them() -> None:
    store = BucketStore("s3://copies/ledger")
    store.write(TILE)
    store.write(NOTE)
    reader = S3Store.from_url("s3://copies/ledger")
    tile, note = (obstore.get(reader, file.path).attributes for file in (TILE, NOTE))
    assert (tile["Content-Type"], note["Content-Type"]) == (TILE.media, NOTE.media)
    assert "immutable" in tile["Cache-Control"]
    assert note["Cache-Control"] == "public, max-age=5"


@pytest.mark.usefixtures("object_store")
def test_bucket_that_cannot_be_reached_is_mentioned_and_then_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong address kept a command silent for three minutes."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens there
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        waits: list[None] = []
        store = BucketStore(
            "s3://copies/ledger", lambda: waits.append(None), patience=0.5, silence=0.05
        )
        for _ in range(2):
            with pytest.raises(RemoteError, match=r"publish\.store"):
                store.write(TILE)
    assert waits == [None]


@pytest.mark.usefixtures("object_store")
def test_requests_to_a_bucket_share_the_thread_that_watches_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A first copy of a million files started a million threads."""
    started: list[threading.Thread] = []
    here, start = threading.current_thread(), threading.Thread.start

    def count(thread: threading.Thread) -> None:
        if threading.current_thread() is here:
            started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", count)
    store = BucketStore("s3://copies/ledger", silence=60)
    for _ in range(3):
        store.write(TILE)
    assert len(started) == 1


@pytest.mark.usefixtures("object_store")
@pytest.mark.parametrize("address", ["s3://elsewhere/ledger", "s3://"])
def test_failure_of_a_bucket_is_a_remote_error(address: str) -> None:
    with pytest.raises(RemoteError, match=r"publish\.store"):
        BucketStore(address).write(TILE)
