"""The files of a forged log behind a client's transport, as a server would answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.forging import Files
from traceledger.client.mirror import Mirrored, mirror_ledger
from traceledger.client.transport import Transport
from traceledger.errors import NotAllowedError, NotFoundError
from traceledger.formats.problem import format_problem, status_of
from traceledger.formats.trust import TrustFile

__all__ = ["URL", "LostError", "Served", "read_all"]

URL = "https://ledger.example"


class LostError(Exception):
    """The process ends here."""


class Served(httpx.BaseTransport):
    """Serves the files of an archive; `change` falsifies answers, `left` ends the connection."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.customs = True
        self.change: Callable[[str, bytes], bytes] = lambda _path, data: data
        self.left: int | None = None
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.left is not None:
            if not self.left:
                raise LostError
            self.left -= 1
        path = request.url.path.removeprefix("/api/v1").removeprefix("/")
        self.seen.append(path)
        if path == "checkpoints":
            return httpx.Response(200, json=self._page(dict(request.url.params)))
        if path.startswith("disclosures/") and not self.customs:
            return _problem(NotAllowedError("access.role", "this needs a key with another role"))
        if path not in self.files:
            return _problem(NotFoundError("request.address", "there is nothing here"))
        return httpx.Response(200, content=self.change(path, self.files[path]))

    def mirror(self, folder: Path, trust: TrustFile) -> Mirrored:
        """Mirrors what is served, with a client that waits for nothing."""
        client = httpx.Client(transport=self)
        transport = Transport(URL, client=client, sleep=lambda _seconds: None)
        return mirror_ledger(transport, folder, trust, own_trust=b"{}")

    def _page(self, query: dict[str, str]) -> object:
        after = int(query["after"])
        notes = {
            int(name.partition("/")[2]): data.decode()
            for name, data in self.files.items()
            if name.startswith("checkpoints/")
        }
        sizes = [size for size in sorted(notes) if size > after]
        shown, more = sizes[:2], len(sizes) > 2  # small pages, so that there are several
        return {
            "checkpoints": [{"size": size, "note": notes[size]} for size in shown],
            "next": shown[-1] if more else None,
        }


def read_all(folder: Path) -> Files:
    """Reads the archive in a mirror: all files but those that only a mirror has."""
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for name in ("mirror.lock", "README.txt", "trust.json"):
        files.pop(name, None)
    return files


def _problem(error: NotAllowedError | NotFoundError) -> httpx.Response:
    body = format_problem(error, base=URL, request_id="r")
    return httpx.Response(status_of(error), json=json.loads(body))
