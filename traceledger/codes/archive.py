"""Archives and their verification."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "archive.exists": Code(
        "The destination of the archive already exists.",
        "Name a new directory or file.",
    ),
    "archive.missing": Code(
        "A file of the archive is missing.",
        "Copy the archive again; if the source lacks the file too, report it.",
    ),
    "archive.file": Code(
        "A file of the archive cannot be read, or exceeds the size limit for its type.",
        "Copy the archive again.",
    ),
    "archive.bundle": Code(
        "An entry bundle does not contain the entries of the tree.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.disclosures": Code(
        "A disclosures file does not have one line for each entry of its bundle.",
        "Copy the archive again; if it fails again, report it.",
    ),
    "archive.tile": Code(
        "A tile does not contain the hashes of the entries.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.root": Code(
        "The entries do not hash to the root that was signed.",
        "Copy the archive again; if it fails again, keep it as evidence and report it.",
    ),
    "archive.checkpoint": Code(
        "A published checkpoint is missing, or is not stored under its size.",
        "Copy the archive again; if it fails again, report it.",
    ),
    "archive.older": Code(
        "The archive is older than the checkpoint that the auditor kept.",
        "Ask for a newer archive.",
    ),
    "archive.fork": Code(
        "The ledger signed two histories that contradict each other.",
        "Keep both: together they are evidence. Show it with `traceledger verify --fork A B`.",
    ),
    "archive.no-fork": Code(
        "The two archives do not contradict each other.",
        "No action is needed: the larger one extends the smaller one.",
    ),
    "archive.not-compared": Code(
        "Whether two histories contradict each other could not be determined.",
        "Name the archive of the larger tree instead of its checkpoint.",
    ),
    "archive.scratch": Code(
        "The scratch file is damaged, in use, or belongs to a different verification.",
        "If it belongs to an interrupted run, delete it and start again; otherwise name another"
        " file.",
    ),
    "archive.worker": Code(
        "A worker process ended before it had checked its part of the archive.",
        "Verify again; use --workers 1 if memory is short.",
    ),
    "cluster.unreachable": Code(
        "No Dask scheduler answers at this address.",
        "Start `dask scheduler`, and give the address that it prints, tcp://HOST:PORT.",
    ),
    "cluster.empty": Code(
        "The Dask cluster has no workers.",
        "Start `dask worker ADDRESS` on each machine.",
    ),
    "cluster.program": Code(
        "A worker of the Dask cluster does not have this program.",
        "Install the same version with the extra [dask] on each machine, and start its worker"
        " again.",
    ),
    "mirror.fork": Code(
        "The log signed a history that contradicts the one in the mirror.",
        "Keep the mirror and the evidence, and report it: `traceledger verify --fork MIRROR"
        " EVIDENCE` proves it to others.",
    ),
    "mirror.shrunk": Code(
        "The server shows an older checkpoint than the mirror has.",
        "Try again later if the server is a replica. If it persists, the ledger was rolled back:"
        " keep the mirror and report it.",
    ),
    "mirror.tile": Code(
        "A server's tile does not belong to the tree that the log signed.",
        "Try again; if it fails again, the server's copy is damaged: report it.",
    ),
    "mirror.bundle": Code(
        "A server's bundle of entries does not belong to the tree that the log signed.",
        "Try again; if it fails again, the server's copy is damaged: report it.",
    ),
    "mirror.disclosures": Code(
        "A server's disclosures do not match the digests in the signed events.",
        "Try again; if it fails again, the server's copy is damaged: report it.",
    ),
    "mirror.file": Code(
        "A file of the mirror, left by an interrupted run, is not that of the log.",
        "Remove this file, or name a new folder, and run the command again.",
    ),
    "ledger.restored": Code(
        "The ledger was restored from a back-up and signs nothing yet.",
        "Get the newest published checkpoint, for example from a witness, and run `traceledger"
        " restore FOLDER --newest FILE`.",
    ),
    "backup.exists": Code(
        "The destination of the back-up already exists.",
        "Name a new folder.",
    ),
    "archive.private": Code(
        "The ledger's policy does not make its entries public.",
        "Export for its reader, `--as customs` or `--as observer`; the policy `public_entries` set"
        " by the root key makes entries public.",
    ),
    "backup.evidence": Code(
        "The checkpoint is part of a back-up, which does not show what was published since.",
        "Get the newest checkpoint through an independent channel: from a witness, an auditor, a"
        " buyer or the ledger's old machine.",
    ),
    "backup.confirmed": Code(
        "The ledger does not need to be compared with a newer checkpoint.",
        "No action is needed: only a restored ledger is compared, once.",
    ),
    "backup.tools": Code(
        "PostgreSQL's programs that save and load a database are missing or failed.",
        "Install `pg_dump` and `pg_restore` of the server's version or a newer one, on PATH.",
    ),
    "backup.missing": Code(
        "There is no back-up at this place.",
        "Name a folder that `traceledger backup` wrote.",
    ),
    "erase.retention": Code(
        "A customs field cannot be erased before its retention period ends.",
        "Erase other fields only; customs fields are kept for ten years.",
    ),
    "erase.target": Code(
        "An erase event names an event that is not in the log yet.",
        "Append that event first, then send the erase event in a separate request.",
    ),
}
