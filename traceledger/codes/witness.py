"""Replaying and witnessing."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
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
    "witness.replay": Code(
        "A witness's replay of its log cannot be written, is damaged, or does not fit its record.",
        "Give the same request again. If that fails and the record is the newest, delete"
        " `memory.replay` and make a request with --since 0; if the record is an older copy, make"
        " a new witness.",
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
}
