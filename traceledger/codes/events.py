"""Events: token, disclosures, fields."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
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
}
