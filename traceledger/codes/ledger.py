"""The ledger: appending, reading, keeping."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "append.count": Code(
        "A request holds no event or too many.",
        "Send 1 to 10,000 events at once.",
    ),
    "chain.taken": Code(
        "Another event already stands at this position of the item's chain.",
        "Read the item's head again and sign for the next position.",
    ),
    "ledger.key": Code(
        "The ledger's own key is needed for this.",
        "Give the passphrase of the log key.",
    ),
    "ledger.damaged": Code(
        "What the ledger reads back is not what it wrote; it signs nothing.",
        "Stop writing. Run `traceledger doctor`, then restore a back-up or ask for help.",
    ),
    "state.damaged": Code(
        "What is kept of an item beside the log cannot be read.",
        "Run `traceledger rebuild`: it is made again from the log.",
    ),
    "ledger.behind": Code(
        "The ledger is older than a checkpoint that it published; it signs nothing.",
        "An old back-up was restored: bring the newer entries back before going on.",
    ),
    "ledger.empty": Code(
        "The ledger holds no event yet.",
        "Found it with `traceledger init`.",
    ),
    "ledger.unpublished": Code(
        "The ledger has not published a checkpoint yet.",
        "Run `traceledger checkpoint`.",
    ),
    "item.unknown": Code(
        "The ledger has no such item.",
        "Check the id; `traceledger show --search PART` finds items by a part of their id.",
    ),
    "key.unregistered": Code(
        "A key is not registered in this ledger.",
        "Register it with `traceledger key register`, or use another key.",
    ),
    "ref.target": Code(
        "An event must name the event that it is about.",
        "Add its id; `traceledger history ITEM` shows the ids.",
    ),
    "key.name": Code(
        "A key's name is not lower-case letters, digits and hyphens.",
        "Choose a short name such as station-4.",
    ),
    "key.exists": Code(
        "A key of this name exists already.",
        "Choose another name.",
    ),
    "key.missing": Code(
        "There is no key of this name.",
        "List keys with `traceledger key list`, or make one with `traceledger key new NAME`.",
    ),
    "ledger.origin": Code(
        "A ledger's origin is not a short name without spaces and plus signs.",
        "Use a name like a host and a path: ledger.example/plant-1.",
    ),
    "ledger.config": Code(
        "The ledger's settings cannot be read.",
        "Correct traceledger.toml; it holds origin and url.",
    ),
}
