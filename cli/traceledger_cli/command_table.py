"""Every command of the program: where it is, and what it does in one line."""

from __future__ import annotations

from collections.abc import Mapping

from traceledger_cli.lazy import Entry

__all__ = ["SECTIONS"]


def _at(module: str, name: str, text: str) -> Entry:
    return Entry(f"traceledger_cli.commands.{module}:{name}", text)


_TRUST = {
    "show": _at("trust", "show", "Show a trust file with its fingerprint, or list those kept."),
    "add": _at("trust", "add", "Keep a trust file for later verifications."),
    "make": _at("trust_make", "make", "Make a trust file for a ledger."),
}
_KEY = {
    "new": _at("key", "new", "Make a key, encrypted under a passphrase."),
    "list": _at("key", "list_keys", "List keys and what they are in the ledger."),
    "export": _at("key", "export", "Write a public key, or a request to register it."),
    "register": _at("key", "register", "Give a station, laboratory or person a key of the party."),
    "revoke": _at("key", "revoke", "End a key; what it signed before stays valid."),
}
_PARTY = {
    "admit": _at("party", "admit", "Admit a party, or replace what it was admitted for."),
    "list": _at("party", "list_parties", "List the parties of a ledger."),
    "show": _at("party", "show", "Show a party and its keys."),
}
_WITNESS = {
    "new": _at("witness", "new", "Make a witness: its key, and a folder for what it remembers."),
    "request": _at("witness_request", "request", "Ask a witness to cosign the newest checkpoint."),
    "cosign": _at("witness", "cosign", "Check a request, replay its events, and cosign."),
}

SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Verify": {
        "verify": _at(
            "verify", "verify", "Verify the passport of a part, or the archive of a ledger."
        ),
        "trust": Entry("", "Trust files: what a verifier must know from elsewhere.", _TRUST),
        "witness": Entry("", "Witness a log: check that it only grows, and cosign.", _WITNESS),
    },
    "Set up": {
        "init": _at("init", "init", "Found a ledger in a new folder."),
        "key": Entry("", "Make, register and revoke keys.", _KEY),
        "party": Entry("", "Admit parties and show them.", _PARTY),
    },
    "Record": {
        "event": _at("event", "event", "Sign one event and append it."),
        "append": _at(
            "append", "append", "Append a file of drafts or signed events, all or nothing."
        ),
        "import-manifest": _at(
            "manifest", "import_manifest", "Import the cores of a manifest, one event a row."
        ),
        "recall": _at("marks", "recall", "Recall every item of a selection."),
        "hold": _at("marks", "hold", "Put every item of a selection on hold."),
        "release": _at("marks", "release", "End the hold or recall of every item of a selection."),
        "checkpoint": _at(
            "checkpoint", "checkpoint", "Publish what is new, and show the newest checkpoint."
        ),
    },
    "Read": {
        "show": _at("show", "show", "Show an item as it stands, or search for items."),
        "history": _at("history", "history", "Show all events of an item."),
        "lineage": _at("lineage", "lineage", "Show what an item came from and what it went into."),
        "passport": _at(
            "passport", "passport", "Write the passport of an item, as of the newest checkpoint."
        ),
        "export": _at("export", "export", "Write the archive of a whole ledger for its auditors."),
        "label": _at("label", "label", "Draw the labels of items."),
        "scan": _at("scan", "scan", "Read the label in a picture and check what it proves."),
    },
    "Serve": {
        "serve": _at(
            "serve",
            "serve",
            "Serve the ledger over HTTP until Ctrl-C or SIGTERM.",
        ),
        "token": _at(
            "token", "token", "Sign an access token with --key; it is good for five minutes."
        ),
    },
    "Maintain": {
        "rebuild": _at(
            "rebuild", "rebuild", "Rebuild what is known of each item from the log, and compare."
        ),
        "doctor": _at(
            "doctor", "doctor", "Look a ledger over: disk, keys, database, every entry, the map."
        ),
        "backup": _at(
            "backup", "backup", "Copy a ledger, also while it is in use, to a new folder."
        ),
        "restore": _at(
            "restore", "restore", "Restore a ledger from a back-up, or free one that was restored."
        ),
        "explain": _at(
            "explain", "explain", "Explain a code of an error or a result, or an exit code."
        ),
        "demo": Entry(
            "traceledger_cli.demo.command:demo", "Take 1,080 cores from import to export."
        ),
    },
}
