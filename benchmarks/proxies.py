"""The example configurations of nginx and Caddy, on free ports, with a self-signed certificate."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

__all__ = ["installed", "serving_proxy"]

DEPLOY = Path(__file__).parents[1] / "deploy"


def nginx(folder: Path, server: int, port: int) -> list[str]:
    """Writes nginx's configuration; returns the command that starts it."""
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{server};",
        "listen 80;": f"listen 127.0.0.1:{_free_port()};",
        "    listen [::]:80;\n": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/letsencrypt/live/id.example/fullchain.pem": f"{folder}/cert.pem",
        "/etc/letsencrypt/live/id.example/privkey.pem": f"{folder}/key.pem",
        "/var/log/nginx/traceledger.log": f"{folder}/access.log",
    }.items():
        text = _replace(text, old, new)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{temporary}{text}}}\n"
    )
    return ["nginx", "-c", str(path), "-p", str(folder), "-e", f"{folder}/error.log"]


def caddy(folder: Path, server: int, port: int) -> list[str]:
    """Writes Caddy's configuration; returns the command that starts it."""
    text = (DEPLOY / "Caddyfile").read_text()
    text = _replace(text, "127.0.0.1:8000", f"127.0.0.1:{server}")
    text = _replace(text, "{\n\tservers {", "{\n\tadmin off\n\tauto_https off\n\tservers {")
    tls = f"\n\ttls {folder}/cert.pem {folder}/key.pem\n"
    text = _replace(text, "\nid.example {\n", f"\nhttps://127.0.0.1:{port} {{{tls}")
    path = folder / "Caddyfile"
    path.write_text(text)
    return ["caddy", "run", "--config", str(path), "--adapter", "caddyfile"]


PROXIES: Mapping[str, Callable[[Path, int, int], list[str]]] = {"nginx": nginx, "caddy": caddy}


@contextlib.contextmanager
def serving_proxy(name: str, folder: Path, server: int) -> Iterator[int]:
    """Runs a proxy in front of the server at a port of this machine; yields its own port."""
    folder.mkdir()
    port = _free_port()
    # A key on P-256, as Caddy and certbot generate: an RSA key makes each handshake costlier.
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    certify = ["openssl", "req", "-x509", *key, "-days", "1"]
    subprocess.run(
        [
            *(*certify, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    command = PROXIES[name](folder, server, port)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={"HOME": str(folder), "PATH": _path()}
        )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def installed() -> list[str]:
    """Returns the names of the proxies that this machine has."""
    return [name for name in PROXIES if shutil.which(name, path=_path())]


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin"


def _replace(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"the configuration has no {old!r}")
    return text.replace(old, new)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError("the proxy did not start")
