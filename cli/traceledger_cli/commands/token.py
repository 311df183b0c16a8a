"""`traceledger token`: signs an access token for reading from a server."""

from __future__ import annotations

import secrets
import time

from traceledger.formats.access_token import LIFETIME, sign_access
from traceledger_cli.command import command
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output

__all__ = ["token"]

_EXAMPLE = """\
curl -H "Authorization: Bearer $(traceledger token --key auditor --ledger ledger)" \\
    http://127.0.0.1:8000/api/v1/items
"""


@command("token", example=_EXAMPLE)
@signing
def token(*, session: Session, out: Output) -> None:
    """Sign an access token with --key, valid for five minutes.

    It grants read access to the fields that the key's role and party may read, and no write access.
    """
    signer = session.signer()
    with session.reading() as ledger:
        identity = session.identity(ledger, signer)
    signed = sign_access(
        signer,
        origin=session.origin,
        issuer=identity.issuer,
        authority=identity.authority,
        now=int(time.time()),
        nonce=secrets.token_bytes(16),
    ).decode()
    out.result({"token": signed, "seconds": LIFETIME, "issuer": identity.issuer}, signed)
