"""Asking the witnesses of the served trust file, as long as the server runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from traceledger.client.transport import Answer, Transport
from traceledger.errors import TraceledgerError
from traceledger.formats.policy import Policy
from traceledger.formats.witness import format_monitoring_path
from traceledger.ledger.cosigning import AskedWitness, Cosigning, Reply, WitnessConnection
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger_api.logs import SERVER

__all__ = ["ask_witnesses", "connect_witness"]


def ask_witnesses(home: Home, policy: Policy, clock: Callable[[], float]) -> Cosigning:
    """Prepares the requests to each witness whose URL the policy states.

    Raises MalformedError `link.form` for a URL that is neither https nor of this machine.
    """

    @contextlib.contextmanager
    def open_ledger() -> Iterator[Ledger]:
        with contextlib.closing(home.open_for_cosignatures(clock)) as ledger:
            yield ledger

    def keep(note: bytes) -> None:
        try:
            home.contradictions.keep(note)
        except TraceledgerError as error:  # the log is stopped nevertheless
            fields = {"code": error.code, "message": error.message}
            SERVER.error("contradiction not kept", extra={"fields": fields})

    connections = [
        (witness, connect_witness(witness.url, home.origin))
        for witness in policy.witnesses
        if witness.url
    ]
    keys = [log.key for log in policy.logs]
    return Cosigning(
        connections, log_keys=keys, open_ledger=open_ledger, on_asked=_report, keep=keep
    )


def connect_witness(url: str, origin: str) -> WitnessConnection:
    """Connects a log to a witness whose submission and monitoring prefixes are the same.

    Raises MalformedError `link.form` for a URL that is neither https nor of this machine.
    """
    transport = Transport(url.removesuffix("/"))
    monitored = f"/{format_monitoring_path(origin)}"

    def submit(request: bytes) -> Reply:
        return _reply(transport.exchange("/add-checkpoint", request))

    def monitor() -> Reply:
        return _reply(transport.exchange(monitored))

    return WitnessConnection(submit, monitor, transport.close)


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, answer.media_type, answer.content)


def _report(state: AskedWitness) -> None:
    fields = {"witness": state.name, "size": state.size}
    if state.error is None:
        SERVER.info("cosigned", extra={"fields": fields})
        return
    fields |= {"code": state.error.code, "message": state.error.message}
    SERVER.warning("not cosigned", extra={"fields": fields})
