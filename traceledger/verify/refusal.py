"""Refusals: the check that failed, with its chain and event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from traceledger.codes import OF_SIGNERS
from traceledger.errors import TraceledgerError, VerificationError

__all__ = ["RefusedError", "hint_for_reader", "refusing"]

_OBTAIN_AGAIN = "Do not rely on this data. Obtain it again; if it fails again, report it."


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


def hint_for_reader(error: TraceledgerError) -> str:
    """Returns what the reader of a record should do, who cannot mend what others signed."""
    return _OBTAIN_AGAIN if error.code in OF_SIGNERS else error.hint


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
            hint=hint_for_reader(error),
            chain=chain,
            event=event,
        ) from error
