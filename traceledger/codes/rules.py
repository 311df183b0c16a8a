"""Chains and rules."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "chain.ledger": Code(
        "An event was signed for a different ledger.",
        "Sign it again for this ledger; tokens cannot move between ledgers.",
    ),
    "chain.item": Code(
        "An event belongs to the chain of a different item.",
        "To append: sign for the chain of that item. In received data: do not rely on it; obtain it"
        " again, and report it if it fails again.",
    ),
    "chain.seq": Code(
        "An event does not directly follow the previous one in its item's chain.",
        "To append: read the item's head again and sign again. In a record: do not rely on it.",
    ),
    "chain.prev": Code(
        "An event does not link to the previous one: an event was changed, removed or inserted.",
        "To append: read the item's head again and sign again. In a record: do not rely on it.",
    ),
    "chain.full": Code(
        "A party has added as many events to a chain as it may; more would prevent passports.",
        "Keep further details outside the ledger; holds, recalls and releases have as much room"
        " again.",
    ),
    "key.unknown": Code(
        "A key or party has no authority in this ledger.",
        "Register the key with `traceledger key register`, the party with `party admit`.",
    ),
    "key.ended": Code(
        "A key was revoked, or its party dismissed, before it signed.",
        "Sign with a key that is valid; register a new one if needed.",
    ),
    "key.auth": Code(
        "An event does not name the event that grants its key authority.",
        "Sign again; `auth` is the id of the key's add_key, admit, found or rotate_root event.",
    ),
    "key.role": Code(
        "A key does not have the role that this operation requires.",
        "Sign with a key that has the role, or ask the party's admin to register one.",
    ),
    "key.prefix": Code(
        "A party opened an item whose id does not begin with any of the party's prefixes.",
        "Check the id; if it is right, the root key must admit the party for its prefix.",
    ),
    "key.maker": Code(
        "A unit is approved or packed by a party that did not assemble it.",
        "Have the party that assembled the unit do it.",
    ),
    "key.possession": Code(
        "A key registration lacks proof that someone holds the private key.",
        "Create the registration with `traceledger key register`, which signs the proof.",
    ),
    "key.reused": Code(
        "A key cannot be registered twice in a ledger.",
        "Create a new key; each key is granted once, for one purpose.",
    ),
    "life.transition": Code(
        "The life cycle does not allow this event in the item's current state.",
        "Run `traceledger show ITEM`; the message lists what is allowed now.",
    ),
    "life.chain": Code(
        "This kind of event does not belong to this kind of item.",
        "Check the item id and the kind.",
    ),
    "life.held": Code(
        "The item is on hold.",
        "Wait for the release by the authority that holds it.",
    ),
    "life.recalled": Code(
        "The item is recalled.",
        "Repair or update it, then have the party that issued the recall release it.",
    ),
    "life.tester": Code(
        "A unit cannot be approved by the key that tested it.",
        "Have another person approve it with their own key.",
    ),
    "life.target": Code(
        "An event links to a target that it may not act on.",
        "Link to an event of the same item; docs/spec/catalogue.md lists what is allowed.",
    ),
    "life.fixed": Code(
        "A correction changes a field that the life cycle depends on.",
        "Record the step again instead.",
    ),
    "life.pending": Code(
        "An event of the item is waiting for confirmation.",
        "Wait until customs confirm or refuse it.",
    ),
    "life.void": Code(
        "Only the latest event of a chain can be voided, and only if nothing depends on it.",
        "Record the step again, or correct the field instead.",
    ),
    "life.lot": Code(
        "The lot has the wrong class for this event.",
        "Check the lot's id: only new-part lots are filled and drawn from; only waste lots are"
        " closed and destroyed.",
    ),
    "life.amendment": Code(
        "A customs field of a closed declaration line is corrected without an amendment.",
        "Amend the declaration first, then name the amendment in the correction.",
    ),
    "life.period": Code(
        "A report for write-off does not follow the last one that customs confirmed.",
        "Report from the size at which the last confirmed period ended, otherwise from 1.",
    ),
    "life.unpublished": Code(
        "A report for write-off ends at a size at which the log was never published.",
        "Name the size of a published checkpoint; `traceledger writeoff` does.",
    ),
    "life.rules": Code(
        "The rules version is not higher than the current one.",
        "Name a higher version.",
    ),
    "ref.parent": Code(
        "The unit named as the core's former life has not been reimported.",
        "Record the unit's reimport first, or check its id.",
    ),
    "ref.lot": Code(
        "A part can be scrapped only into an open waste lot.",
        "Open a waste lot, or name one that is open.",
    ),
    "ref.direction": Code(
        "A link leads to a declaration line of the other direction.",
        "Name an inbound line for what comes in, an outbound line for what leaves.",
    ),
    "ref.closed": Code(
        "A link leads to a declaration line that is closed.",
        "Name an open line; a closing by mistake can be voided while it is the line's latest"
        " event.",
    ),
    "ref.form": Code(
        "An event's links are not those that its kind requires.",
        "Correct the links named in the message.",
    ),
    "ref.unknown": Code(
        "A link leads to an item that is not in this ledger, or is of the wrong type.",
        "Record that item first, or correct the link.",
    ),
    "ref.event": Code(
        "A link names the wrong event.",
        "Read the item again and sign again with a link to its current event.",
    ),
    "ref.used": Code(
        "A part has already been used, or a unit has already come back as another core.",
        "Check the scanned id; each part is used once, and each unit comes back once.",
    ),
    "ref.held": Code(
        "A part that is on hold cannot be used.",
        "Wait for the release.",
    ),
    "ref.join": Code(
        "An item and its parts do not link to each other in one request.",
        "Send assemble with a consume for every part, and disassemble with a harvest for every"
        " output.",
    ),
    "ref.destination": Code(
        "The destination of an export is the zone's own country.",
        "Record a domestic sale instead, or correct the destination.",
    ),
}
