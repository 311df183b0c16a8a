"""Encodings and keys."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
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
}
