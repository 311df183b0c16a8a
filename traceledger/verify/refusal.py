"""Refusals: the check that failed, with its chain and event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from traceledger.errors import TraceledgerError, VerificationError

__all__ = ["RefusedError", "refusing"]


class RefusedError(VerificationError):
    """The refusal of a passport; `chain` and `event` are the item id and event id, if known."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        chain: str = "",
        event: str = "",
    ) -> None:
        super().__init__(code, message, where=where, hint=hint)
        self.chain = chain
        self.event = event


@contextmanager
def refusing(chain: str = "", event: str = "") -> Iterator[None]:
    """Converts errors of the library raised inside into a RefusedError at this chain and event."""
    try:
        yield
    except RefusedError:
        raise
    except TraceledgerError as error:
        place = (chain, event and f"event {event}", error.where)
        raise RefusedError(
            error.code,
            error.message,
            where=", ".join(part for part in place if part),
            hint=error.hint,
            chain=chain,
            event=event,
        ) from error
