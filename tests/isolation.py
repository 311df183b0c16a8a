"""What the tests set themselves, so that nothing depends on the shell that started them."""

from __future__ import annotations

import os
import signal
import time

__all__ = ["isolate"]

# A script's background job and nohup start programs with these ignored, and children inherit that.
_SIGNALS = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)

_PREFIXES = ("TRACELEDGER_", "LC_", "GIT_")
_NAMES = (
    *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    *("all_proxy", "http_proxy", "https_proxy", "no_proxy"),
    *("CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR"),
    *("CREDENTIALS_DIRECTORY", "LANGUAGE", "SOURCE_DATE_EPOCH", "TZ", "XDG_CONFIG_HOME"),
    *("NODE_OPTIONS", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONPATH", "PYTHONWARNINGS"),
)


def isolate() -> None:
    """Gives this process, and what it starts, default signals and a plain environment."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, *_SIGNALS})
    for name in [*os.environ]:
        if name.startswith(_PREFIXES) or name in _NAMES:
            del os.environ[name]
    os.environ["LANG"] = "C.UTF-8"
    time.tzset()
    os.umask(0o022)
