"""An ASGI application in the event loop of a separate thread, called from the test's thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

__all__ = ["InProcess"]

T = TypeVar("T")


class InProcess:
    """Runs the application's lifespan for the duration of the `with` block."""

    def __init__(self, app: Callable[..., Awaitable[None]], base_url: str, address: str) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url)

    def __enter__(self) -> Self:
        self._thread.start()
        self._lifespan = self.start(
            self.app({"type": "lifespan"}, self._to_app.get, self._from_app.put)
        )
        assert self.run(self._send_lifespan("startup"))["type"] == "lifespan.startup.complete"
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert self.run(self._send_lifespan("shutdown"))["type"] == "lifespan.shutdown.complete"
        self.run(self._client.aclose())
        self._lifespan.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies that the client keeps."""
        return self._client.cookies

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.run(self._client.request(method, path, **options))

    def pause(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    async def read_lines(
        self, path: str, headers: dict[str, str], each: Callable[[str], None]
    ) -> None:
        """Reads a response as it arrives, which httpx's transport for applications cannot do."""
        url = self._client.build_request("GET", path, headers=headers).url
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            assert message.get("status", 200) == 200
            for line in message.get("body", b"").decode().splitlines():
                each(line)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "https",
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query,
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "server": ("x", 80),
            "headers": [(name.lower().encode(), headers[name].encode()) for name in headers],
        }
        await self.app(scope, receive, send)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def start(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _send_lifespan(self, what: str) -> dict[str, str]:
        await self._to_app.put({"type": f"lifespan.{what}"})
        return await self._from_app.get()
