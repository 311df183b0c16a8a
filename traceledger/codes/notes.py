"""Signed notes and what is built from them."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "note.form": Code(
        "A signed note does not follow the C2SP format.",
        "Obtain the file again; do not edit it or change its line endings.",
    ),
    "note.key": Code(
        "A verifier or signer key is not a valid note key.",
        "Copy the whole line from its source: name+hash+key.",
    ),
    "note.signature": Code(
        "A signature on a note is false, or no known key signed it.",
        "Do not rely on the note. Check that the trust file or the key is the one for this ledger.",
    ),
    "checkpoint.form": Code(
        "A checkpoint does not follow the format.",
        "Obtain the file again from its source.",
    ),
    "cosignature.form": Code(
        "A cosignature does not follow the format.",
        "Ask the witness for a new one.",
    ),
    "proof.form": Code(
        "A proof file does not follow the format.",
        "Obtain the file again from its source.",
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
        "Do not rely on this data. Obtain it again; if it fails again, report it.",
    ),
    "report.form": Code(
        "A note is not the signature of a report.",
        "Name the .sig file that was delivered with the report.",
    ),
    "report.exists": Code(
        "A report or its signature exists already; nothing is overwritten.",
        "Name another file, or move the existing one.",
    ),
    "report.changed": Code(
        "A report is not the file that was signed.",
        "Do not rely on it. Obtain the report and its .sig file again from its signer.",
    ),
    "sample.form": Code(
        "A file is not the statement of a sample.",
        "Save it again on the page of the sample in the console.",
    ),
    "sample.signer": Code(
        "The results of a sample are not signed by a key that may state them.",
        "Sign with one key that the ledger registers for the party that drew the sample, and that"
        " is not revoked.",
    ),
    "sample.time": Code(
        "The results of a sample state a time at which they cannot have been signed.",
        "Set the clock of the computer that signs, then sign the statement again.",
    ),
    "sample.differs": Code(
        "The statement of a sample belongs to another draw or another account.",
        "Save it again on the page of the sample, and audit the same scope.",
    ),
    "receipt.form": Code(
        "A receipt does not follow the format.",
        "Send the same events again to get a new receipt.",
    ),
}
