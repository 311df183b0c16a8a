"""The stable codes of everything that traceledger refuses, with their meaning and what to do.

A code is `<room or format>.<what>`; it never changes its meaning. `traceledger explain CODE` prints
an entry, documentation and both verifiers use the same table.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CODES", "Code"]


class Code(NamedTuple):
    """What a code means, and what the person who sees it should do."""

    meaning: str
    hint: str


CODES: dict[str, Code] = {
    # Identifiers and values
    "item.form": Code(
        "An item id does not follow the grammar.",
        "Use one of the forms in docs/spec/events.md, for example 8004/9521234C000001.",
    ),
    "item.check-digit": Code(
        "The last digit of a GTIN, GLN or SSCC does not match the others.",
        "Scan or type the number again; the message names the digit that would be right.",
    ),
    "value.decimal": Code(
        "A quantity is not a plain decimal.",
        'Write digits with at most one point, as text: "0.942". No signs, exponents or separators.',
    ),
    "value.country": Code(
        "A country is not an ISO 3166 alpha-3 code.",
        "Use the three-letter code, for example CHN, DEU, USA.",
    ),
    "value.currency": Code(
        "A currency is not an ISO 4217 code.",
        "Use the three-letter code, for example CNY, EUR, USD.",
    ),
    "value.text": Code(
        "A text is empty, too long, or holds characters that cannot be printed.",
        "Shorten it and remove control characters.",
    ),
    "value.time": Code(
        "A time does not follow the one accepted form.",
        "Write YYYY-MM-DDThh:mm:ss followed by Z or an offset such as +08:00.",
    ),
    "link.form": Code(
        "A link, or the base address of links, does not follow the one accepted form.",
        "Use https://host/path without a slash at the end, followed by the item id.",
    ),
    # Manifests
    "manifest.line": Code(
        "A row names a declaration line that the ledger does not have.",
        "Record the declaration line first, or correct the numbers in the row.",
    ),
    "manifest.present": Code(
        "A row names a core that the ledger has with other values.",
        "Check the scanned id; to change a recorded value, use a correction.",
    ),
    "manifest.form": Code(
        "A file of rows cannot be read as a whole: its encoding, size, quotes, or it is empty.",
        "Save it as CSV in UTF-8 from the original and send it again.",
    ),
    "manifest.heading": Code(
        "Headings in row 1 are missing, unknown or there twice.",
        "Use the headings that docs/guide/manifests.md lists, in any order.",
    ),
    "manifest.columns": Code(
        "A row has more or fewer columns than row 1.",
        "Put quotes round a value that holds the separator, and look for a missing separator.",
    ),
    "manifest.value": Code(
        "A cell does not hold what its column needs.",
        "Correct the cell; the message names row, column and what is allowed.",
    ),
    "manifest.duplicate": Code(
        "Two rows speak of the same core or the same declaration line.",
        "Keep the row that is right; the message names both.",
    ),
    "manifest.rows": Code(
        "Rows of a file are wrong, so nothing of it was used.",
        "Correct the cells that are listed, or use --partial to go on with the good rows.",
    ),
    # Encodings and keys
    "encoding.base64": Code(
        "Base64url text is not in its one canonical form.",
        "Send the bytes as they were made; do not pad, wrap or re-encode them.",
    ),
    "encoding.json": Code(
        "JSON lies outside the profile: floats, null, deep nesting, odd names or broken text.",
        "Write quantities as text, leave empty members out; see docs/spec/events.md.",
    ),
    "encoding.canonical": Code(
        "JSON is valid but not in its one canonical form.",
        "Sort members, remove spaces and duplicates (RFC 8785), then sign again.",
    ),
    "encoding.size": Code(
        "Something is larger than its format allows.",
        "Send less at once; documents go in by their SHA-256.",
    ),
    "key.form": Code(
        "A public key is not one of the two accepted forms.",
        "Use an Ed25519 key (OKP) or, for hardware only, a P-256 key (EC).",
    ),
    "key.weak": Code(
        "An Ed25519 key is not canonical or of small order, so that anyone could sign for it.",
        "Make a new key with `traceledger key new`; do not accept this one from anybody.",
    ),
    "key.type": Code(
        "A key of another type is needed here.",
        "Make an Ed25519 key with `traceledger key new`.",
    ),
    "key.passphrase": Code(
        "A key file does not open with this passphrase.",
        "Check the passphrase and that the file is complete.",
    ),
    "signature.false": Code(
        "A signature was not made by the key that it names, or what it signs was changed.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    # Events
    "token.form": Code(
        "An event token is not a JWS in its one accepted form.",
        "Send the token byte for byte as it was signed; see docs/spec/events.md.",
    ),
    "token.size": Code(
        "An event token is larger than 32 KiB.",
        "Put documents and photos in by their SHA-256.",
    ),
    "wire.form": Code(
        "An event is not `token~disclosure~...~`.",
        "Send the token, then each disclosure, each followed by ~, on one line.",
    ),
    "wire.size": Code(
        "An event with its disclosures is larger than 128 KiB.",
        "Put documents and photos in by their SHA-256.",
    ),
    "event.field": Code(
        "A field is missing, unknown, or holds a value that its kind does not allow.",
        "Correct the field that is named; `traceledger event KIND --help` lists what is allowed.",
    ),
    "event.kind": Code(
        "This version does not know the kind of event.",
        "Check the spelling; if a newer version wrote it, install that version.",
    ),
    "disclosure.form": Code(
        "A disclosure is not [salt, name, value] in its one accepted form.",
        "Send disclosures byte for byte as they were made.",
    ),
    "disclosure.digest": Code(
        "A restricted field was given that is not the one that was signed.",
        "Send the disclosures that belong to this token.",
    ),
    "disclosure.missing": Code(
        "A restricted field was signed but not sent along.",
        "Send every disclosure with the token; the ledger must be able to check all of it.",
    ),
    "disclosure.order": Code(
        "Disclosures do not stand in the order of their names, each once.",
        "Sort them by field name.",
    ),
    "event.future": Code(
        "An event was signed ahead of the ledger's clock by more than five minutes.",
        "Set the station's clock, then sign again.",
    ),
    "draft.form": Code(
        "A draft cannot be read.",
        'Write {"kind": ..., "item": ..., "data": {...}} as one JSON object a line.',
    ),
    # Chains and rules
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
    # The ledger service
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
    # Access and the server
    "access.form": Code(
        "An access token is not in its one accepted form.",
        "Make one with `traceledger token`; send it as `Authorization: Bearer TOKEN`.",
    ),
    "access.refused": Code(
        "An access token is not accepted: expired, of another ledger, or of a key without rights.",
        "Make a new one with `traceledger token`, with a key that is registered in this ledger.",
    ),
    "access.needed": Code(
        "Without an access token only single units are shown, by their whole id.",
        "Make one with `traceledger token`; send it as `Authorization: Bearer TOKEN`.",
    ),
    "access.role": Code(
        "The key's roles do not allow to read this.",
        "Use a key that has one of the roles that are named.",
    ),
    "request.address": Code(
        "There is nothing at this address.",
        "Compare the address with the list in docs/guide/api.md.",
    ),
    "request.method": Code(
        "This address does not take requests of that method.",
        "The header Allow lists the methods that it takes.",
    ),
    "request.body": Code(
        "The body of a request is not what this address takes.",
        "Correct what the message names; docs/guide/api.md shows the form.",
    ),
    "request.value": Code(
        "A parameter of a request has a value that is not allowed.",
        "Correct the parameter that is named.",
    ),
    "request.size": Code(
        "A request is larger than this address takes.",
        "Send less at once: split the events into several requests.",
    ),
    "request.type": Code(
        "A body is of a media type that this address does not take.",
        "Send application/json, or application/x-ndjson for events.",
    ),
    "request.slow": Code(
        "A request took too long to arrive.",
        "Send it again over a better connection, or send less at once.",
    ),
    "request.rate": Code(
        "Too many requests came from one place in a short time.",
        "Wait as long as the header Retry-After says.",
    ),
    "link.syntax": Code(
        "An address is not a GS1 Digital Link URI.",
        "Check the number again; the message says what is wrong.",
    ),
    "link.type": Code(
        "There is no link of that type for this item.",
        "Ask with linkType=linkset for the links that there are.",
    ),
    "server.busy": Code(
        "The server has as much to do as it takes at once.",
        "Send the same request again in a moment; sending an event twice does no harm.",
    ),
    "server.stopping": Code(
        "The server is about to stop.",
        "Send the same request again in a moment; sending an event twice does no harm.",
    ),
    "server.fault": Code(
        "The server made a mistake.",
        "Send the same request again; if it fails again, report it with the request id.",
    ),
    "event.unknown": Code(
        "The ledger has no event of that index or id.",
        "Check the index or id; an event that was appended just now is listed once it is sealed.",
    ),
    "remote.unreachable": Code(
        "The server does not answer.",
        "Check the address and the network, then try again; sending an event twice does no harm.",
    ),
    "remote.answer": Code(
        "The server answered something that is not understood.",
        "Check that the address is that of a traceledger server, and of a version like this one.",
    ),
    "receipt.false": Code(
        "A receipt, or the answer with it, is not about the events that were sent.",
        "Keep the answer and the events: together they are evidence. Ask the operator.",
    ),
    # Replaying and witnessing
    "log.entry": Code(
        "An entry of the log is neither an event nor a seal in its form.",
        "The log is dishonest or damaged: keep the files as evidence and report it.",
    ),
    "log.illegal": Code(
        "The log holds an event that the rules forbid.",
        "The log is not to be relied on: keep the files as evidence and report it.",
    ),
    "seal.false": Code(
        "A seal does not commit to the events before it.",
        "The log is dishonest or damaged: keep the files as evidence and report it.",
    ),
    "seal.missing": Code(
        "A checkpoint does not end in a seal.",
        "Ask the ledger for a sealed checkpoint.",
    ),
    "witness.request": Code(
        "A request to a witness cannot be read.",
        "Make it with `traceledger witness request`.",
    ),
    "witness.size": Code(
        "A request does not start where the witness cosigned last.",
        "Make a new request from the size that the message names.",
    ),
    "witness.kind": Code(
        "A witness that replays was asked to cosign without replaying, or the other way round.",
        "Use the kind of cosigning it began with; for the other kind make a new witness.",
    ),
    "witness.entries": Code(
        "The entries given to a replaying witness are not those of the checkpoint.",
        "Make a new request with all entries from the size that the witness cosigned last.",
    ),
    "witness.receipt": Code(
        "The log lacks an event that it promised by a signed receipt.",
        "Keep the receipt and the checkpoint: together they are evidence against the ledger.",
    ),
    "witness.memory": Code(
        "What the witness remembered is missing, damaged or of another log.",
        "Put back its copy only if nothing was cosigned since; else make a new witness.",
    ),
    "witness.none": Code(
        "There is no witness at this place.",
        "Make one with `traceledger witness new`.",
    ),
    "witness.exists": Code(
        "A witness, or something else, is at this place already.",
        "Choose another folder.",
    ),
    "witness.config": Code(
        "The settings of a witness cannot be read.",
        "Correct witness.toml; it holds name and log.",
    ),
    "witness.unknown": Code(
        "A cosignature is by a witness whose key is not given.",
        "Add the witness to the policy, or check that the answer is for this ledger.",
    ),
    "selection.field": Code(
        "A condition names no field, or no state, that items can be selected by.",
        "Use chain, life, part_no, declaration, or KIND.FIELD such as update.to_version.",
    ),
    # The demo
    "demo.exists": Code(
        "The demo's folder is not empty.",
        "Name a new folder, or empty this one.",
    ),
    "demo.cores": Code(
        "The demo cannot be run with that many cores.",
        "Choose a number in the range that the message names.",
    ),
    # Archives
    "archive.exists": Code(
        "There is something at the archive's place already.",
        "Name a new directory or file.",
    ),
    "archive.missing": Code(
        "A file of the archive is not there.",
        "Copy the archive again; if the file is missing at its source, report it.",
    ),
    "archive.file": Code(
        "A file of the archive cannot be read, or is larger than any such file may be.",
        "Copy the archive again.",
    ),
    "archive.bundle": Code(
        "An entry bundle does not hold the entries of the tree.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.disclosures": Code(
        "A disclosures file does not hold one line for each entry of its bundle.",
        "Copy the archive again; if it fails again, report it.",
    ),
    "archive.tile": Code(
        "A tile does not hold the hashes of the entries.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.root": Code(
        "The entries hash to another root than the one that was signed.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.checkpoint": Code(
        "A published checkpoint is not kept under its size, or is missing.",
        "Copy the archive again; if it fails again, report it.",
    ),
    "archive.older": Code(
        "The archive is older than the checkpoint that the auditor holds.",
        "Ask for a newer archive.",
    ),
    "archive.fork": Code(
        "The ledger signed two histories that contradict each other.",
        "Keep both: together they are evidence. Show it with `traceledger verify --fork A B`.",
    ),
    "archive.no-fork": Code(
        "The two archives do not contradict each other.",
        "Nothing needs to be done: the larger one extends the smaller one.",
    ),
    "archive.scratch": Code(
        "The scratch file of a verification is damaged, in use, or of something else.",
        "If it is of a stopped run, delete it and verify from the beginning; else name another.",
    ),
    "archive.worker": Code(
        "A process that checked a part of the archive ended before its time.",
        "Verify again; with --workers 1 if memory is short.",
    ),
    "ledger.restored": Code(
        "The ledger was restored from a back-up and signs nothing yet.",
        "Get the newest published checkpoint, for example from a witness, and run"
        " `traceledger restore FOLDER --newest FILE`.",
    ),
    "backup.exists": Code(
        "There is something at the back-up's place already.",
        "Name a new folder.",
    ),
    "backup.confirmed": Code(
        "The ledger waits for no comparison with a newer checkpoint.",
        "Nothing is to be done: only a ledger that was restored is compared, once.",
    ),
    "backup.missing": Code(
        "There is no back-up at this place.",
        "Name the folder that `traceledger backup` wrote.",
    ),
    "erase.retention": Code(
        "A customs field is erased that must still be kept.",
        "Erase other fields only; customs fields are kept for ten years.",
    ),
    "erase.target": Code(
        "A field is erased of an event that the log does not hold yet.",
        "Log that event first, then send the erase event in a request of its own.",
    ),
    # Storage
    "store.none": Code(
        "There is no ledger at this place.",
        "Check --ledger, or make one with `traceledger init`.",
    ),
    "store.exists": Code(
        "A ledger exists at this place already.",
        "Use it, or choose another place.",
    ),
    "store.busy": Code(
        "Another process is writing to this ledger, or cosigning with this witness.",
        "Wait for it to end; events can also be sent to the address of the ledger's server.",
    ),
    "store.version": Code(
        "The ledger's file was written by another version of traceledger.",
        "Use that version, or a newer one.",
    ),
    "store.write": Code(
        "The database or the disk refused; nothing was written.",
        "Check free space, permissions and the disk, then send the same again.",
    ),
    "store.size": Code(
        "The log grew while this was being prepared; nothing was written.",
        "Send the same again.",
    ),
    # Merkle tree and map
    "merkle.proof": Code(
        "A Merkle proof does not lead to the root.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    "merkle.tile": Code(
        "A tile, or its address, is not one that this tree can have.",
        "Fetch the file again from the ledger.",
    ),
    "merkle.range": Code(
        "An index, a size or an entry lies outside what a tree can have.",
        "Use an index below the size of a published checkpoint.",
    ),
    "map.proof": Code(
        "A proof about an item's latest event does not lead to the sealed map root.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    "map.order": Code(
        "The items of the map are not given in ascending order of key, each once.",
        "Read them ordered by key. If the order comes from the database, run traceledger rebuild.",
    ),
    "map.item": Code(
        "A proof was asked that an item is in the map, or is not, and the opposite is true.",
        "Ask for the other proof.",
    ),
    "map.bits": Code(
        "The number of buckets of the map, or a bucket, is out of range.",
        "Use 0 to 20 bucket bits, and bucket numbers below 2 to that power.",
    ),
    "map.stale": Code(
        "The stored items are not those that the sealed map root commits to.",
        "Read the items as of the last seal; if they are, the database was changed: verify it.",
    ),
    # Signed notes and what is built from them
    "note.form": Code(
        "A signed note does not follow the C2SP format.",
        "Fetch the file again; do not edit it or change its line ends.",
    ),
    "note.key": Code(
        "A verifier or signer key in note form is wrong.",
        "Copy the whole line from its source: name+hash+key.",
    ),
    "note.signature": Code(
        "A signature on a note is false, or no known key signed it.",
        "Do not rely on the record. Check that the trust file is the one for this ledger.",
    ),
    "checkpoint.form": Code(
        "A checkpoint does not follow the format.",
        "Fetch the file again from the ledger.",
    ),
    "cosignature.form": Code(
        "A cosignature does not follow the format.",
        "Ask the witness for a new one.",
    ),
    "proof.form": Code(
        "A proof file does not follow the format.",
        "Fetch the file again from the ledger.",
    ),
    "policy.form": Code(
        "A trust policy has a line that cannot be read.",
        "Correct the line that the message names; see docs/spec/trust.md.",
    ),
    "policy.name": Code(
        "A trust policy has no witness or group of that name.",
        "Use a name that the policy's witness and group lines define.",
    ),
    "seal.form": Code(
        "A seal does not follow the format.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    "receipt.form": Code(
        "A receipt does not follow the format.",
        "Ask the ledger for it again by sending the same events again.",
    ),
    # Trust files, passports and what their verification says
    "trust.form": Code(
        "A trust file does not follow the format.",
        "Get the file again from where you trust it; compare its fingerprint.",
    ),
    "trust.item": Code(
        "The trust file does not let this ledger speak about items with such ids.",
        "Check the item id, and that the trust file is that of the item's maker.",
    ),
    "trust.founding": Code(
        "The passport is of a ledger that was founded by another event than the trusted one.",
        "Get the trust file of the right ledger, or refuse the passport.",
    ),
    "passport.form": Code(
        "A passport does not follow the format.",
        "Fetch the file again; do not edit, wrap or re-encode it.",
    ),
    "passport.item": Code(
        "The passport is about another item than the one asked for.",
        "Compare the id on the object with the one in the passport; do not accept another's.",
    ),
    "passport.chain": Code(
        "A passport lacks the history of a part, party or key, or holds one that nothing needs.",
        "Do not rely on it. Fetch it again; if it fails again, report it.",
    ),
    "passport.order": Code(
        "A passport does not prove where in the log events stand whose key was later ended.",
        "Do not rely on it. Fetch it again; if it fails again, report it.",
    ),
    "seal.last": Code(
        "The checkpoint does not end in the seal that is shown, so later events may be hidden.",
        "Do not rely on the record. Fetch it again; if it fails again, report it.",
    ),
    "ref.depth": Code(
        "An item is made of parts of parts, more than eight deep.",
        "Show the history of one of its parts instead.",
    ),
    "trust.first-use": Code(
        "The trust file came from the ledger itself, so the ledger vouches for itself.",
        "Compare the fingerprint of the trust file with one that came on another way.",
    ),
    "quorum.none": Code(
        "The trust file asks for no witness, so another history may have been shown to others.",
        "Use a trust file that names witnesses.",
    ),
    "quorum.missing": Code(
        "Too few of the witnesses that the trust file asks for have cosigned.",
        "Wait for their cosignatures and fetch the passport again.",
    ),
    "replay.missing": Code(
        "No trusted witness that replays the whole log has cosigned.",
        "Wait for the cosignature, or let an auditor verify the whole log.",
    ),
    "age.stale": Code(
        "The cosignatures are older than the trust file allows.",
        "Fetch the passport again.",
    ),
    "rules.newer": Code(
        "The ledger follows newer rules than this version knows.",
        "Install the newest version and verify again.",
    ),
    # The command line
    "usage.option": Code(
        "A command, an option or a value on the command line is wrong.",
        "See the command's --help.",
    ),
    "usage.remote": Code(
        "This command needs the ledger's folder; a server does it by itself or not at all.",
        "Run it where the ledger is, with --ledger FOLDER.",
    ),
    "usage.extra": Code(
        "This command needs libraries that are not installed.",
        "Install them: `pip install 'traceledger[ledger]'`, or `traceledger[server]` for a server.",
    ),
    "usage.passphrase": Code(
        "A passphrase is needed, none was given, and there is no terminal to ask on.",
        "Use --passphrase-file, TRACELEDGER_PASSPHRASE_FILE or the systemd credential"
        " traceledger-passphrase.",
    ),
    "usage.settings": Code(
        "The file of your settings cannot be read.",
        "Correct config.toml; docs/guide/command-line.md says what may stand in it.",
    ),
    "usage.code": Code(
        "There is no such code.",
        "List all codes with `traceledger explain`.",
    ),
    "file.missing": Code(
        "A file is not there.",
        "Check the name of the file and the folder you are in.",
    ),
    "file.read": Code(
        "A file cannot be read.",
        "Check its permissions and the disk.",
    ),
    "label.size": Code(
        "The address of an item is too long for a symbol that scanners read.",
        "Use a ledger whose url is shorter.",
    ),
    "label.form": Code(
        "A label's statement is not in its form.",
        "Scan the label again; if it stays so, the label is damaged or false.",
    ),
    "label.item": Code(
        "A label's statement is about another part than the address on the label.",
        "Do not rely on this label; report it.",
    ),
    "label.origin": Code(
        "A label's statement is of another ledger than the trust file.",
        "Use the trust file of that ledger, from a source you trust.",
    ),
    "label.key": Code(
        "A label's statement is signed by a key that the trust file does not name for labels.",
        "Ask for a newer trust file; without it the label proves nothing by itself.",
    ),
    "label.event": Code(
        "A label's statement names an approval that is not in the part's verified history.",
        "Do not rely on this label; report it.",
    ),
    "label.alone": Code(
        "The label is signed by a trusted key, but only the part's record tells how it stands now.",
        "Fetch the passport and verify it, or scan again with --passport.",
    ),
    "label.none": Code(
        "The label carries only an address, which proves nothing by itself.",
        "Fetch the passport and verify it, or scan again with --passport.",
    ),
    "label.unapproved": Code(
        "A unit that is not approved, or no longer, gets no statement on its label.",
        "Approve the unit first, or print the label without a statement.",
    ),
    "scan.image": Code(
        "A file is not a picture that can be read.",
        "Use a PNG or JPEG of the label.",
    ),
    "scan.none": Code(
        "No QR code with the address of a part was found in the picture.",
        "Take the picture again: sharp, with light, the whole code in it.",
    ),
    "trust.unknown": Code(
        "No trust file for this ledger was given or kept.",
        "Name one with --trust, or keep it with `traceledger trust add FILE`.",
    ),
    "trust.other": Code(
        "Another trust file is kept for this ledger already.",
        "Compare the two fingerprints with the source you trust, then use --replace.",
    ),
}
