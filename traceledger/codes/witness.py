"""Replaying and witnessing."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "log.entry": Code(
        "An entry of the log is neither a well-formed event nor a well-formed seal.",
        "The log is dishonest or damaged: keep the files as evidence and report it.",
    ),
    "log.illegal": Code(
        "The log contains an event that the rules forbid.",
        "Do not rely on the log: keep the files as evidence and report it.",
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
        "Create it with `traceledger witness request`.",
    ),
    "witness.size": Code(
        "A request does not start at the size that the witness last cosigned.",
        "Create a new request from the size given in the message.",
    ),
    "witness.origin": Code(
        "A witness was asked about a log that it does not observe.",
        "Submit the checkpoint to a witness of this log.",
    ),
    "witness.signature": Code(
        "No key of the log that the witness knows has signed the checkpoint.",
        "Check that the witness was created with the current key of the log.",
    ),
    "witness.refused": Code(
        "A witness refused to cosign a checkpoint.",
        "Read its finding. If it found another history or an illegal event, its operator has the"
        " evidence: clear it up with them.",
    ),
    "witness.unproven": Code(
        "A witness states that it cosigned a larger tree than the log has, but shows none that the"
        " log signed.",
        "Ask its operator for the checkpoint that it cosigned last. If the log signed it, stop the"
        " log: it is an older copy.",
    ),
    "witness.ahead": Code(
        "The log signed a tree that it does not contain, as a witness or a comparison shows; it"
        " signs nothing more.",
        "The log is an older copy: stop it, put the newest database back and compare it with the"
        " newest checkpoints, `traceledger restore FOLDER --newest FILE`.",
    ),
    "witness.fork": Code(
        "The log signed a tree that contradicts the tree that the witness cosigned last.",
        "The log has two histories: keep both checkpoints as evidence and report it.",
    ),
    "witness.kind": Code(
        "A replaying witness was asked to cosign without replaying, or an append-only one to"
        " replay.",
        "Keep to one mode for each witness; create a new witness for the other mode.",
    ),
    "witness.entries": Code(
        "The entries sent to a replaying witness are not those of the checkpoint.",
        "Create a new request with all entries from the size that the witness last cosigned.",
    ),
    "witness.receipt": Code(
        "The log lacks an event that a signed receipt promised.",
        "Keep the receipt and the checkpoint: together they are evidence against the ledger.",
    ),
    "witness.memory": Code(
        "The witness's memory is missing, damaged or of another log.",
        "Restore its copy only if nothing was cosigned since; otherwise create a new witness.",
    ),
    "witness.replay": Code(
        "A witness's replay of its log cannot be written, is damaged, or does not fit its record.",
        "Submit the same request again. If that fails and the record is the newest, delete"
        " `memory.replay` and create a request with --since 0; if the record is an older copy,"
        " create a new witness.",
    ),
    "witness.none": Code(
        "There is no witness at this place.",
        "Create one with `traceledger witness new`.",
    ),
    "witness.exists": Code(
        "The witness's folder already exists.",
        "Choose another folder.",
    ),
    "witness.folder": Code(
        "The folder for a request to a witness contains something else.",
        "Name a new folder, or that of an earlier request.",
    ),
    "witness.config": Code(
        "The settings of a witness cannot be read.",
        "Correct witness.toml; it contains name and log.",
    ),
    "witness.unknown": Code(
        "A cosignature comes from a witness whose key is unknown.",
        "Add the witness to the policy, or check that the answer is for this ledger.",
    ),
    "selection.field": Code(
        "A condition names a field or state by which items cannot be selected.",
        "Use chain, life, part_no, declaration, or KIND.FIELD such as update.to_version.",
    ),
    "selection.empty": Code(
        "A selection contains no item of the ledger.",
        "Correct the conditions or ids; `traceledger show --search` finds items.",
    ),
    "selection.mark": Code(
        "A release does not state which mark it ends.",
        "Give --hold AUTHORITY or --campaign NAME, but not both.",
    ),
    "selection.severity": Code(
        "A recall of high severity cannot be ended by a condition alone.",
        "Name each item whose recall ends, after you have examined it.",
    ),
}
