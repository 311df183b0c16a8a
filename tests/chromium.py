"""How the tests start Debian's Chromium."""

from __future__ import annotations

import shutil

__all__ = ["CHROMIUM", "FLAGS"]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Chromium as root has no sandbox of its own; the rest keeps it from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving picture
    # A name that is not this machine's own, so that plain http is no secure context.
    "--host-resolver-rules=MAP plant.test 127.0.0.1",
]
