"""Events: token, disclosures, fields."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "token.form": Code(
        "An event token is not a JWS in canonical form.",
        "Send the token byte for byte as it was signed; see docs/spec/events.md.",
    ),
    "token.size": Code(
        "An event token is larger than 32 KiB.",
        "Refer to documents and photos by their SHA-256.",
    ),
    "wire.form": Code(
        "An event is not in the form `token~disclosure~...~`.",
        "Send the token, then each disclosure, each followed by ~, on one line.",
    ),
    "wire.size": Code(
        "An event with its disclosures is larger than 128 KiB.",
        "Refer to documents and photos by their SHA-256.",
    ),
    "event.field": Code(
        "A field is missing or unknown, or has a value that its kind does not allow.",
        "Correct the field named; `traceledger event KIND --help` lists the allowed values.",
    ),
    "event.kind": Code(
        "This version does not know this kind of event.",
        "Check the spelling; if a newer version wrote it, install that version.",
    ),
    "disclosure.form": Code(
        "A disclosure is not [salt, name, value] in canonical form.",
        "Send disclosures byte for byte as they were created.",
    ),
    "disclosure.digest": Code(
        "A restricted field differs from the one that was signed.",
        "Send the disclosures that belong to this token.",
    ),
    "disclosure.missing": Code(
        "A restricted field was signed, but its disclosure was not sent.",
        "Send every disclosure with the token; the ledger checks all of them.",
    ),
    "disclosure.order": Code(
        "Disclosures are not in ascending order of field name, or a name is repeated.",
        "Sort them by field name.",
    ),
    "event.future": Code(
        "An event's signing time is more than five minutes ahead of the ledger's clock.",
        "Correct the station's clock, then sign again.",
    ),
    "draft.form": Code(
        "A draft cannot be read.",
        'Write one JSON object a line: {"kind": ..., "item": ..., "data": {...}}.',
    ),
}
