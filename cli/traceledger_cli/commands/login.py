"""`traceledger login`: a one-time link to the customs console of a server."""

from __future__ import annotations

from traceledger.errors import UsageError
from traceledger_cli.command import command
from traceledger_cli.options.session import Session, fetching
from traceledger_cli.output import Output

__all__ = ["login"]

_EXAMPLE = "traceledger login https://id.plant.example --key customs --keys keys"


@command("login", example=_EXAMPLE)
@fetching
def login(*, session: Session, out: Output) -> None:
    """Create a one-time link to a server's customs console.

    The key signs the request on this computer. The link works once, for five minutes; the session
    that it starts is for reading only, ends after eight hours at most, and ends with the key.
    """
    signer = session.signer()
    server = session.server
    if server is None:
        raise UsageError("usage.option", "URL must be the https address of a server")
    link = server.login_link(signer)
    out.result({"link": link.link, "seconds": link.seconds}, link.link)
