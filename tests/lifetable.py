"""The life cycle as the design's tables have it, written out apart from the code.

`EXPECTED[chain, state, step]` is the state after a step; a step is a kind, or a kind and the value
of the field that decides: `inspect-A`. What is not there must be refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.events.catalogue import CATALOGUE

__all__ = [
    "ABOUT_EVENTS",
    "ALWAYS",
    "DECIDES",
    "EXPECTED",
    "OPENS",
    "STATES",
    "WAITS",
    "deciding",
    "name_of",
    "steps",
]

# The field that decides, by kind, and all its values.
DECIDES = {
    "receive": ("result", ["ok", "short"]),
    "inspect": ("grade", ["A", "B", "C", "R", "S"]),
    "test": ("overall", ["pass", "fail"]),
    "approve": ("decision", ["pass", "concession", "reject"]),
    "draw_lot": ("reason", ["scrapped", "returned", "short"]),
}
_TABLES = {
    "core": """
        - : import > DECLARED
        DECLARED MISSING : receive-ok > RECEIVED
        DECLARED MISSING : receive-short > MISSING
        RECEIVED ACCEPTED : inspect-A inspect-B > ACCEPTED
        RECEIVED ACCEPTED : inspect-C > DONOR
        RECEIVED ACCEPTED : inspect-R > REJECTED
        RECEIVED ACCEPTED : inspect-S > CONDEMNED
        ACCEPTED IN_PROCESS : clean diagnose repair update calibrate > IN_PROCESS
        ACCEPTED IN_PROCESS DONOR : disassemble > DISASSEMBLED
        ACCEPTED IN_PROCESS : consume > CONSUMED
        RECEIVED ACCEPTED IN_PROCESS DONOR REJECTED : return > RETURNED
        RECEIVED ACCEPTED IN_PROCESS DONOR REJECTED CONDEMNED : scrap > SCRAPPED
        RECEIVED ACCEPTED IN_PROCESS DONOR : divert > DIVERTED
    """,
    "component": """
        - : harvest > AVAILABLE
        AVAILABLE : inspect-A inspect-B inspect-C inspect-R inspect-S > =
        AVAILABLE : clean diagnose repair update calibrate test-pass test-fail > =
        AVAILABLE : consume > CONSUMED
        AVAILABLE : scrap > SCRAPPED
        AVAILABLE : return > RETURNED
    """,
    "unit": """
        - : assemble > ASSEMBLED
        ASSEMBLED TESTED : test-pass > TESTED
        ASSEMBLED TESTED : test-fail > FAILED
        TESTED : approve-pass approve-concession > APPROVED
        TESTED : approve-reject > FAILED
        ASSEMBLED TESTED FAILED APPROVED PACKED : repair update calibrate > ASSEMBLED
        ASSEMBLED TESTED FAILED APPROVED PACKED : clean diagnose > =
        APPROVED : pack > PACKED
        PACKED : export > EXPORTED
        PACKED : divert > DIVERTED
        ASSEMBLED FAILED : disassemble > DISASSEMBLED
        ASSEMBLED TESTED FAILED APPROVED PACKED : scrap > SCRAPPED
        EXPORTED DIVERTED : warranty_return > CLAIMED
        EXPORTED DIVERTED CLAIMED : reimport > REIMPORTED
    """,
    "lot": """
        - : open_lot > OPEN
        OPEN : fill_lot > OPEN
        OPEN : draw_lot-scrapped draw_lot-returned draw_lot-short > OPEN
        OPEN : close_lot > CLOSED
        CLOSED : destroy > DESTROYED
        OPEN CLOSED : return > RETURNED
    """,
    "declaration": """
        - : declare_in declare_out > DECLARED
        DECLARED : gate > DECLARED
        DECLARED : close_line > CLOSED
    """,
    "book": """
        - : open_book > OPEN
        OPEN : stocktake writeoff > OPEN
    """,
}
# Accepted in every state, also while a hold is on or a confirmation is awaited.
ALWAYS = frozenset(
    "hold recall release correct void confirm customs_check move erase".split()  # noqa: SIM905 - reads as the design's line
)
ABOUT_EVENTS = frozenset({"release", "correct", "void", "confirm", "erase"})
# The change of state waits for customs.
WAITS = frozenset({("core", "divert"), ("unit", "divert"), ("lot", "destroy")})


def _read() -> Iterator[tuple[tuple[str, str, str], str]]:
    for chain, text in _TABLES.items():
        for line in text.strip().splitlines():
            before, _, rest = line.strip().partition(" : ")
            kinds, _, after = rest.partition(" > ")
            for state in before.split():
                for step in kinds.split():
                    old = "" if state == "-" else state
                    yield (chain, old, step), old if after == "=" else after


EXPECTED = dict(_read())
OPENS = {step: chain for chain, state, step in EXPECTED if not state}
STATES = {
    chain: tuple(dict.fromkeys(after for (one, _, _), after in EXPECTED.items() if one == chain))
    for chain in _TABLES
}


def steps() -> Iterator[tuple[str, str]]:
    """Every kind that is no business of ledger, policy, party or key, with each deciding value."""
    for kind in CATALOGUE.values():
        if not {"ledger", "policy", "party", "key"} & set(kind.chains):
            for value in DECIDES.get(kind.name, ("", [""]))[1]:
                yield kind.name, value


def name_of(kind: str, value: str) -> str:
    """The name of a step in `EXPECTED`."""
    return f"{kind}-{value}" if value else kind


def deciding(kind: str, value: str) -> dict[str, str]:
    """The field that decides, with its value."""
    return {DECIDES[kind][0]: value} if value else {}
