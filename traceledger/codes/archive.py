"""Archives and their verification."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
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
}
