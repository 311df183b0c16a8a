"""Encodings and keys."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "encoding.base64": Code(
        "Base64url text is not in canonical form.",
        "Send the bytes exactly as they were created; do not pad, wrap or re-encode them.",
    ),
    "encoding.json": Code(
        "JSON is outside the profile: floats, null, deep nesting, invalid names or malformed text.",
        "Write quantities as strings and omit empty members; see docs/spec/events.md.",
    ),
    "encoding.canonical": Code(
        "JSON is valid but not in canonical form.",
        "Sort members, remove spaces and duplicates (RFC 8785), then sign again.",
    ),
    "encoding.size": Code(
        "The data exceeds the size limit of its format.",
        "Send less at once; refer to documents by their SHA-256.",
    ),
    "key.form": Code(
        "A public key is not of an accepted type or not a point on its curve.",
        "Use an Ed25519 key (OKP) or, for hardware only, a P-256 key (EC).",
    ),
    "key.weak": Code(
        "An Ed25519 key is not canonical or not in the subgroup of prime order: signatures by it"
        " could be forged, or pass with one verifier and fail with another.",
        "Create a new key with `traceledger key new`; never accept this key.",
    ),
    "key.type": Code(
        "This operation needs a different type of key.",
        "Create an Ed25519 key with `traceledger key new`.",
    ),
    "key.passphrase": Code(
        "The passphrase does not open the key file.",
        "Check the passphrase and that the file is complete.",
    ),
    "passphrase.form": Code(
        "A file does not contain a passphrase on a single line of UTF-8.",
        "Save the file as plain UTF-8 without a byte order mark, with the passphrase as its only"
        " line.",
    ),
    "signature.false": Code(
        "A signature does not match its key and the signed data.",
        "To append: sign again with the registered key. In received data: do not rely on it; obtain"
        " it again, and report it if it fails again.",
    ),
}
