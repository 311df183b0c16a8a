"""Asking the witnesses of the served trust file, as long as the server runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from traceledger.client.transport import Transport
from traceledger.formats.policy import Policy
from traceledger.ledger.cosigning import AskedWitness, Cosigning, Post, Reply
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger_api.logs import SERVER

__all__ = ["ask_witnesses"]


def ask_witnesses(home: Home, policy: Policy, clock: Callable[[], float]) -> Cosigning:
    """Prepares the requests to each witness whose URL the policy states.

    Raises MalformedError `link.form` for a URL that is neither https nor of this machine.
    """

    @contextlib.contextmanager
    def open_ledger() -> Iterator[Ledger]:
        with contextlib.closing(home.open_for_cosignatures(clock)) as ledger:
            yield ledger

    posts = [(witness, _post(witness.url)) for witness in policy.witnesses if witness.url]
    return Cosigning(posts, open_ledger=open_ledger, on_asked=_report)


def _post(url: str) -> Post:
    transport = Transport(url.removesuffix("/"))

    def post(request: bytes) -> Reply:
        answer = transport.exchange("/add-checkpoint", request)
        return Reply(answer.status, answer.media_type, answer.content)

    return post


def _report(state: AskedWitness) -> None:
    fields = {"witness": state.name, "size": state.size}
    if state.error is None:
        SERVER.info("cosigned", extra={"fields": fields})
        return
    fields |= {"code": state.error.code, "message": state.error.message}
    SERVER.warning("not cosigned", extra={"fields": fields})
