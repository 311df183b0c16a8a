"""Chains and rules."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "chain.ledger": Code(
        "An event was made for another ledger.",
        "Sign it again for this one; tokens cannot move between ledgers.",
    ),
    "chain.item": Code(
        "An event stands in the chain of another item.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    "chain.seq": Code(
        "An event does not come right after the one before it in its item's chain.",
        "To append: read the item's head again and sign anew. In a record: do not rely on it.",
    ),
    "chain.prev": Code(
        "An event does not name the one before it: something was changed, cut out or put in.",
        "To append: read the item's head again and sign anew. In a record: do not rely on it.",
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
        "An event does not name the event that gives its key authority.",
        "Sign again; `auth` is the id of the key's add_key, admit, found or rotate_root event.",
    ),
    "key.role": Code(
        "A key does not have the role that this needs.",
        "Sign with a key that has it, or let the party's admin register one.",
    ),
    "key.prefix": Code(
        "A party opens an item whose id does not begin with a prefix it was admitted for.",
        "Check the id; if it is right, the root key must admit the party for its prefix.",
    ),
    "key.maker": Code(
        "A unit is approved or packed by a party that did not assemble it.",
        "Let the party that assembled the unit do it.",
    ),
    "key.possession": Code(
        "A key is registered without proof that somebody holds its private half.",
        "Make the registration with `traceledger key register`, which signs the proof.",
    ),
    "key.reused": Code(
        "A key is registered that this ledger granted before.",
        "Make a new key; each key is granted once, for one purpose.",
    ),
    "life.transition": Code(
        "The life cycle does not allow this event in the item's present state.",
        "Look at the item with `traceledger show ITEM`; the message says what is possible now.",
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
        "Repair or update it, then let the party that called the recall release it.",
    ),
    "life.tester": Code(
        "The key that tested a unit also approves it.",
        "Let another person's key approve it.",
    ),
    "life.target": Code(
        "An event names a target that it may not act on.",
        "Name an event of the same item; see docs/spec/catalogue.md for what is allowed.",
    ),
    "life.fixed": Code(
        "A correction touches a field that the life cycle reads.",
        "Record the step again instead.",
    ),
    "life.pending": Code(
        "An event of the item waits for its confirmation.",
        "Wait until customs confirm or refuse it.",
    ),
    "life.void": Code(
        "Only the latest event of a chain can be taken back, unless others rely on it.",
        "Record the step again, or correct the field instead.",
    ),
    "life.lot": Code(
        "The lot is of another class.",
        "Check the lot's id: new parts are filled in, waste is closed and destroyed.",
    ),
    "life.amendment": Code(
        "A customs field of a closed declaration line is corrected without an amendment.",
        "Amend the declaration first, then name the amendment in the correction.",
    ),
    "life.rules": Code(
        "The version of the rules is not higher than the one that holds.",
        "Name a higher version.",
    ),
    "ref.parent": Code(
        "A core names as its former life a unit that did not come back.",
        "Record the unit's reimport first, or check its id.",
    ),
    "ref.lot": Code(
        "A part is scrapped into something that is not an open waste lot.",
        "Open a waste lot, or name the one that is open.",
    ),
    "ref.form": Code(
        "The links of an event are not those that its kind asks for.",
        "Correct the links that the message names.",
    ),
    "ref.unknown": Code(
        "A link leads to an item that this ledger does not have, or of another sort.",
        "Record that item first, or correct the link.",
    ),
    "ref.event": Code(
        "A link names another event than the one it must name.",
        "Read the item again and sign with its present event.",
    ),
    "ref.used": Code(
        "A part is used that was used before, or a unit came back before.",
        "Check the scanned id; each part is used once, each unit comes back once.",
    ),
    "ref.held": Code(
        "A part is used that is on hold.",
        "Wait for the release.",
    ),
    "ref.join": Code(
        "A thing and its parts do not name each other in one request.",
        "Send assemble with a consume of every part, disassemble with a harvest of every output.",
    ),
    "ref.destination": Code(
        "An export goes to the country in which the zone lies.",
        "Record a domestic sale instead, or correct the destination.",
    ),
}
