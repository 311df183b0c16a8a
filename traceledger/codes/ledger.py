"""The ledger: appending, reading, maintenance."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "append.count": Code(
        "A request contains no events or too many.",
        "Send 1 to 10,000 events at once.",
    ),
    "chain.taken": Code(
        "Another event already occupies this position in the item's chain.",
        "Read the item's head again and sign for the next position.",
    ),
    "ledger.key": Code(
        "This operation needs the log key.",
        "Give the passphrase of the log key.",
    ),
    "ledger.damaged": Code(
        "The ledger's data differs from what was written; the ledger signs nothing.",
        "Stop writing. Run `traceledger doctor`, then restore a back-up or ask for help.",
    ),
    "state.damaged": Code(
        "The stored state of an item cannot be read.",
        "Run `traceledger rebuild` to rebuild it from the log.",
    ),
    "ledger.behind": Code(
        "The ledger is older than what it published or confirmed; it signs nothing.",
        "An old back-up is in use: recover the newer entries before you continue.",
    ),
    "ledger.checkpoint": Code(
        "The copy of the newest checkpoint in the ledger's folder cannot be read; the ledger signs"
        " nothing.",
        "Replace the file `checkpoint` with an empty file `restored`, then compare the ledger with"
        " the newest checkpoints that others hold: `traceledger restore FOLDER --newest FILE`.",
    ),
    "item.stale": Code(
        "The stored rows of items differ from the log.",
        "Run `traceledger rebuild`, which rebuilds them from the log.",
    ),
    "part.lot": Code(
        "New parts are taken from something that is no lot of new parts in this ledger.",
        "Open the lot with `open_lot` and fill it first, or correct its id.",
    ),
    "part.held": Code(
        "A part inside the unit is on hold.",
        "Wait for its release by the authority that holds it, or take the unit apart.",
    ),
    "part.recalled": Code(
        "A part inside the unit is recalled.",
        "Take the unit apart, or have the party that issued the recall release it.",
    ),
    "ledger.empty": Code(
        "The ledger contains no events yet.",
        "Found it with `traceledger init`.",
    ),
    "ledger.unpublished": Code(
        "The ledger has not published a checkpoint yet.",
        "Run `traceledger checkpoint`.",
    ),
    "item.unknown": Code(
        "The ledger has no such item.",
        "Check the id; `traceledger show --search PART` searches by part of an id.",
    ),
    "key.unregistered": Code(
        "A key is not registered in this ledger.",
        "Register it with `traceledger key register`, or use another key.",
    ),
    "ref.target": Code(
        "An event must link to the event that it concerns.",
        "Add its id; `traceledger history ITEM` shows the ids.",
    ),
    "key.name": Code(
        "A key name may contain only lower-case letters, digits and hyphens.",
        "Choose a short name such as station-4.",
    ),
    "key.exists": Code(
        "A key with this name already exists.",
        "Choose another name.",
    ),
    "key.missing": Code(
        "There is no key with this name.",
        "List keys with `traceledger key list`, or create one with `traceledger key new NAME`.",
    ),
    "ledger.origin": Code(
        "A ledger's origin must be a short name without spaces or plus signs.",
        "Use a host name and a path: ledger.example/plant-1.",
    ),
    "ledger.config": Code(
        "The ledger's settings cannot be read.",
        "Correct traceledger.toml; it contains origin and url.",
    ),
}
