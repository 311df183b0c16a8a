"""Every command of the program: where it is defined, and its one-line help."""

from __future__ import annotations

from collections.abc import Mapping

from traceledger_cli.lazy import Entry

__all__ = ["SECTIONS"]


def _at(module: str, name: str, text: str) -> Entry:
    return Entry(f"traceledger_cli.commands.{module}:{name}", text)


_TRUST = {
    "show": _at(
        "trust", "show", "Show a trust file or list with its fingerprint, or list the stored ones."
    ),
    "add": _at("trust", "add", "Store a trust file or a trust list for later verifications."),
    "update": _at("trust_list", "update", "Replace a stored trust list by a newer one."),
    "make": _at("trust_make", "make", "Write the trust file of a ledger."),
    "list": _at("trust_list", "write_list", "Sign a list of trust files for many ledgers."),
}
_KEY = {
    "new": _at("key", "new", "Create a key, encrypted with a passphrase."),
    "list": _at("key", "list_keys", "List keys and their roles in the ledger."),
    "export": _at("key", "export", "Write a public key, or a request to register it."),
    "register": _at("key", "register", "Register a key for a station, laboratory or person."),
    "revoke": _at("key", "revoke", "Revoke a key; events that it signed before remain valid."),
    "rotate-root": _at("key", "rotate_root", "Replace the ledger's root key."),
}
_PARTY = {
    "admit": _at("party", "admit", "Admit a party, or replace the terms of its admission."),
    "list": _at("party", "list_parties", "List the parties of a ledger."),
    "show": _at("party", "show", "Show a party and its keys."),
}
_WITNESS = {
    "new": _at("witness", "new", "Create a witness: its key, and a folder for its memory."),
    "request": _at("witness_request", "request", "Request a cosignature of the newest checkpoint."),
    "serve": _at("witness_serve", "serve", "Cosign over HTTP until Ctrl-C or SIGTERM."),
    "cosign": _at("witness", "cosign", "Check a request, replay its events, and cosign."),
}

_BENCH = {
    "hammer": _at(
        "bench", "hammer", "Load a server with writers and readers that check every proof."
    ),
}

SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Verify": {
        "verify": _at(
            "verify", "verify", "Verify the passport of a part, or the archive of a ledger."
        ),
        "audit": _at("audit", "audit", "Compute the bonded account of an archive or a ledger."),
        "verify-report": _at(
            "verify_report",
            "verify_report",
            "Check that a report is the file that its signer signed.",
        ),
        "sign-sample": _at("sign_sample", "sign_sample_results", "Sign the results of a sample."),
        "trust": Entry("", "Show, store and write trust files.", _TRUST),
        "verifier-site": _at(
            "verifier_site",
            "verifier_site",
            "Write a static site that verifies passports, for others to host.",
        ),
        "witness": Entry("", "Witness a log: check that it is append-only, and cosign.", _WITNESS),
    },
    "Set up": {
        "init": _at("init", "init", "Found a ledger in a new folder."),
        "key": Entry("", "Create, register and revoke keys.", _KEY),
        "party": Entry("", "Admit and show parties.", _PARTY),
    },
    "Record": {
        "new-id": _at(
            "new_id", "draw", "Draw random ids of units, declaration lines or account books."
        ),
        "event": _at("event", "event", "Sign one event and append it."),
        "append": _at(
            "append", "append", "Append a file of drafts or signed events, all or nothing."
        ),
        "batch": _at("batch", "batch", "Append one event of a kind for each row of a file."),
        "import-manifest": _at(
            "manifest", "import_manifest", "Import the cores of a manifest, one event a row."
        ),
        "former": _at(
            "former", "former", "Print the value of --former for a part from another ledger."
        ),
        "writeoff": _at(
            "writeoff",
            "writeoff",
            "Report the next period of an account book for write-off (核销).",
        ),
        "confirm-writeoff": _at(
            "writeoff",
            "confirm_writeoff",
            "Recompute a report for write-off from the log, then confirm it.",
        ),
        "recall": _at("marks", "recall", "Recall every item of a selection."),
        "hold": _at("marks", "hold", "Put every item of a selection on hold."),
        "release": _at("marks", "release", "End the hold or recall of every item of a selection."),
        "checkpoint": _at(
            "checkpoint", "checkpoint", "Publish new entries and show the newest checkpoint."
        ),
    },
    "Read": {
        "show": _at("show", "show", "Show an item's current status, or search for items."),
        "history": _at("history", "history", "Show all events of an item."),
        "lineage": _at(
            "lineage", "lineage", "Show the items that an item came from and went into."
        ),
        "passport": _at(
            "passport", "passport", "Write the passport of an item, as of the newest checkpoint."
        ),
        "proof": _at("proof", "proof", "Write the proof that the log contains an event."),
        "export": _at("export", "export", "Write the archive of a whole ledger for its auditors."),
        "mirror": _at(
            "mirror", "mirror", "Copy the ledger of a server into a folder, or extend the copy."
        ),
        "publish": _at(
            "publish", "publish", "Write a static copy of a ledger for a file server or a CDN."
        ),
        "label": _at("label", "label", "Draw the labels of items."),
        "scan": _at("scan", "scan", "Read the label in an image and check what it proves."),
    },
    "Serve": {
        "serve": _at(
            "serve",
            "serve",
            "Serve the ledger over HTTP until Ctrl-C or SIGTERM.",
        ),
        "token": _at("token", "token", "Sign an access token with --key, valid for five minutes."),
        "login": _at("login", "login", "Create a one-time link to a server's customs console."),
    },
    "Maintain": {
        "rebuild": _at(
            "rebuild", "rebuild", "Rebuild the stored item states from the log and compare."
        ),
        "doctor": _at(
            "doctor", "doctor", "Inspect a ledger: disk, keys, database, every entry, the map."
        ),
        "backup": _at(
            "backup", "backup", "Copy a ledger to a new folder, also while it is in use."
        ),
        "restore": _at(
            "restore", "restore", "Restore a ledger from a back-up, or confirm a restored one."
        ),
        "explain": _at(
            "explain",
            "explain",
            "Explain the code of an error or result, an exit code, or a verdict such as DIFFERS.",
        ),
        "bench": Entry("", "Measure a server under load.", _BENCH),
        "demo": Entry(
            "traceledger_cli.demo.command:demo", "Take 1,080 cores from import to export."
        ),
    },
}
