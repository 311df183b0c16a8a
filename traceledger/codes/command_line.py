"""The command line."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "usage.option": Code(
        "A command, an option or a value on the command line is wrong.",
        "See the command's --help.",
    ),
    "usage.remote": Code(
        "This command needs the ledger's folder; a server does it by itself or not at all.",
        "Run it where the ledger is, with --ledger FOLDER.",
    ),
    "usage.extra": Code(
        "This command needs libraries that are not installed.",
        "Install them: `pip install 'traceledger[ledger]'`, or `traceledger[server]` for a server.",
    ),
    "usage.passphrase": Code(
        "A passphrase is needed, none was given, and there is no terminal to ask on.",
        "Use --passphrase-file, TRACELEDGER_PASSPHRASE_FILE or the systemd credential"
        " traceledger-passphrase.",
    ),
    "usage.settings": Code(
        "The file of your settings cannot be read.",
        "Correct config.toml; docs/guide/command-line.md says what may stand in it.",
    ),
    "usage.code": Code(
        "There is no such code.",
        "List all codes with `traceledger explain`.",
    ),
    "file.missing": Code(
        "A file is not there.",
        "Check the name of the file and the folder you are in.",
    ),
    "file.read": Code(
        "A file cannot be read.",
        "Check its permissions and the disk.",
    ),
    "label.size": Code(
        "The address of an item is too long for a symbol that scanners read.",
        "Use a ledger whose url is shorter.",
    ),
    "label.form": Code(
        "A label's statement is not in its form.",
        "Scan the label again; if it stays so, the label is damaged or false.",
    ),
    "label.item": Code(
        "A label's statement is about another part than the address on the label.",
        "Do not rely on this label; report it.",
    ),
    "label.origin": Code(
        "A label's statement is of another ledger than the trust file.",
        "Use the trust file of that ledger, from a source you trust.",
    ),
    "label.key": Code(
        "A label's statement is signed by a key that the trust file does not name for labels.",
        "Ask for a newer trust file; without it the label proves nothing by itself.",
    ),
    "label.event": Code(
        "A label's statement names an approval that is not in the part's verified history.",
        "Do not rely on this label; report it.",
    ),
    "label.alone": Code(
        "The label is signed by a trusted key, but only the part's record tells how it stands now.",
        "Fetch the passport and verify it, or scan again with --passport.",
    ),
    "label.none": Code(
        "The label carries only an address, which proves nothing by itself.",
        "Fetch the passport and verify it, or scan again with --passport.",
    ),
    "label.unapproved": Code(
        "A unit that is not approved, or no longer, gets no statement on its label.",
        "Approve the unit first, or print the label without a statement.",
    ),
    "scan.image": Code(
        "A file is not a picture that can be read.",
        "Use a PNG or JPEG of the label.",
    ),
    "scan.none": Code(
        "No QR code with the address of a part was found in the picture.",
        "Take the picture again: sharp, with light, the whole code in it.",
    ),
    "trust.unknown": Code(
        "No trust file for this ledger was given or kept.",
        "Name one with --trust, or keep it with `traceledger trust add FILE`.",
    ),
    "trust.other": Code(
        "Another trust file is kept for this ledger already.",
        "Compare the two fingerprints with the source you trust, then use --replace.",
    ),
}
