"""A server with the interface of S3 on loopback (moto), and a site in front of a bucket."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import httpx
import obstore
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import S3Store
from werkzeug.serving import make_server

from tests.plain_server import running

if TYPE_CHECKING:  # types that exist in stubs only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from obstore import GetResult

__all__ = ["ObjectStore", "running_object_store", "serving_bucket"]

_WAIT = 60  # seconds
_KEY, _SECRET, _REGION = "key", "secret", "us-east-1"


@dataclass(slots=True)
class ObjectStore:
    """A running server with the bucket `copies`; `writes_left` below 0 sets no limit."""

    address: str = ""
    writes_left: int = -1
    stopped: threading.Event = field(default_factory=threading.Event)
    resumed: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the AWS tools that lead there."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": _REGION,
            "AWS_ALLOW_HTTP": "true",
        }

    def open(self) -> S3Store:
        """The bucket, for its owner."""
        return S3Store(
            "copies",
            endpoint=self.address,
            access_key_id=_KEY,
            secret_access_key=_SECRET,
            region=_REGION,
            client_options={"allow_http": True},
        )

    def empty(self) -> None:
        """Forgets all objects."""
        httpx.post(f"{self.address}/moto-api/reset").raise_for_status()
        httpx.put(f"{self.address}/copies").raise_for_status()

    @contextlib.contextmanager
    def stopping_after(self, writes: int) -> Iterator[threading.Event]:
        """Lets that many writes pass and yields an event that is set when the next one arrives.

        That one waits until the end of the block and is then refused.
        """
        self.stopped.clear()
        self.resumed.clear()
        self.writes_left = writes
        try:
            yield self.stopped
        finally:
            self.writes_left = -1
            self.resumed.set()

    def may_pass(self, method: str) -> bool:
        """Counts a request; a write beyond the limit waits and may not pass."""
        if method != "PUT" or self.writes_left < 0:
            return True
        if self.writes_left:
            self.writes_left -= 1
            return True
        self.stopped.set()
        self.resumed.wait(_WAIT)
        return False


@contextlib.contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Starts a server with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server_of_s3: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    store = ObjectStore()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if store.may_pass(environ["REQUEST_METHOD"]):
            return server_of_s3(environ, start_response)
        start_response("503 Service Unavailable", [])
        return [b""]

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    store.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        store.empty()
        yield store
    finally:
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def serving_bucket(store: ObjectStore, folder: str) -> Iterator[str]:
    """Serves a folder of the bucket as the rules of a CDN do; yields the site's address.

    A path that is no object leads to the index of its folder, otherwise to `404.html`.
    """
    objects = store.open()

    def find(path: str) -> tuple[HTTPStatus, GetResult | None]:
        for status, name in (
            (HTTPStatus.OK, path),
            (HTTPStatus.OK, f"{path}/index.html".strip("/")),
            (HTTPStatus.NOT_FOUND, "404.html"),
        ):
            with contextlib.suppress(FileNotFoundError):
                return status, obstore.get(objects, f"{folder}/{name}")
        return HTTPStatus.NOT_FOUND, None

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, found = find(self.path.partition("?")[0].strip("/"))
            data = bytes(found.bytes()) if found else b""
            self.send_response(status)
            for name, value in found.attributes.items() if found else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_message: object, **_named: object) -> None:
            """Writes nothing among the results of the tests."""

    with running(Site) as address:
        yield address
