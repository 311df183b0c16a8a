"""The command line."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "usage.option": Code(
        "A command, an option or a value on the command line is invalid.",
        "See --help for the command.",
    ),
    "usage.confirm": Code(
        "A command that marks a selection or drops values of the policy was not confirmed, and"
        " there is no terminal to ask on.",
        "Examine what it does with --dry-run, then repeat the command with --yes.",
    ),
    "usage.remote": Code(
        "This command needs the ledger's folder; it does not work through a server.",
        "Run it on the machine that stores the ledger, with --ledger FOLDER.",
    ),
    "usage.extra": Code(
        "This command needs libraries that are not installed.",
        "Install the extra of that command: `pip install 'traceledger-bonded[ledger]'`, `[client]`,"
        " `[server]`, `[scan]`, `[lists]` or `[reports]`.",
    ),
    "usage.engine": Code(
        "TRACELEDGER_ED25519 requires a library for signatures that is not installed.",
        "Unset it, set it to openssl, or install libsodium with"
        " `pip install 'traceledger-bonded[fast]'`.",
    ),
    "usage.passphrase": Code(
        "A passphrase is needed, but none was given and there is no terminal to ask on.",
        "Use --passphrase-file, TRACELEDGER_PASSPHRASE_FILE or the systemd credential"
        " traceledger-passphrase.",
    ),
    "usage.settings": Code(
        "Your settings file cannot be read.",
        "Correct config.toml; docs/guide/command-line.md describes its contents.",
    ),
    "usage.code": Code(
        "There is no such code.",
        "List all codes with `traceledger explain`.",
    ),
    "file.missing": Code(
        "A file does not exist.",
        "Check the file name and the current folder.",
    ),
    "file.read": Code(
        "A file cannot be read.",
        "Check its permissions and the disk.",
    ),
    "file.size": Code(
        "A file is larger than its format allows.",
        "Check that it is the right file.",
    ),
    "file.kind": Code(
        "A path names a folder, a pipe or a device instead of a file.",
        "Name a regular file; commands that accept - read from standard input.",
    ),
    "file.format": Code(
        "A file is in another format than the command needs; nothing was checked.",
        "Name the right file. Unpack an archive first and name its folder.",
    ),
    "label.size": Code(
        "The address of an item is too long for a QR code that scanners can read.",
        "Use a ledger with a shorter url.",
    ),
    "label.font": Code(
        "No font has a character of a label, so the label was not drawn.",
        "Check the text for characters that are not letters. Install a font that has them and name"
        " its file with --font; a server draws with the fonts of its own installation only.",
    ),
    "label.form": Code(
        "A label's statement does not follow the format.",
        "Scan the label again; if the error persists, the label is damaged or forged.",
    ),
    "label.item": Code(
        "A label's statement names a different part from the address on the label.",
        "Do not rely on this label; report it.",
    ),
    "label.origin": Code(
        "A label's statement comes from a different ledger from the one in the trust file.",
        "Use the trust file of that ledger, from a source you trust.",
    ),
    "label.key": Code(
        "A label's statement is signed by a key that the trust file does not list for labels.",
        "Ask for a newer trust file; without it, the label alone proves nothing.",
    ),
    "label.event": Code(
        "A label's statement names an approval that is not in the part's verified history.",
        "Do not rely on this label; report it.",
    ),
    "label.signer": Code(
        "A label's statement is signed by another key than the one that approved the part.",
        "Do not rely on this label; report it.",
    ),
    "label.unjudged": Code(
        "A label's statement names an approval that this version could not judge.",
        "Verify it with the newest version of traceledger.",
    ),
    "label.alone": Code(
        "The label is signed by a trusted key, but only the record shows the part's current state.",
        "Obtain the passport and verify it, or scan again with --passport.",
    ),
    "label.none": Code(
        "The label carries only an address, which proves nothing.",
        "Obtain the passport and verify it, or scan again with --passport.",
    ),
    "label.unapproved": Code(
        "A statement cannot be printed for a unit that is not, or no longer, approved.",
        "Approve the unit first, or print the label without a statement.",
    ),
    "scan.image": Code(
        "A file is not an image in an accepted format, is too large or shows several labels.",
        "Use a PNG, JPEG, WebP, GIF or BMP image of one label.",
    ),
    "scan.none": Code(
        "The image contains no QR code with the address of a part.",
        "Take the picture again, sharp and well lit, with the whole code in the frame.",
    ),
    "trust.unknown": Code(
        "No trust file for this ledger was given or stored.",
        "Name one with --trust, or store it with `traceledger trust add FILE`.",
    ),
    "trust.other": Code(
        "A different trust file is already stored for this ledger.",
        "Compare both fingerprints with a source that you trust, then use --replace.",
    ),
    "trust.fingerprint": Code(
        "A trust file does not have the fingerprint that was given.",
        "Do not store it. Get the trust file again, and compare both with a source that you trust.",
    ),
    "trust-list.unknown": Code(
        "No trust list of that name is stored.",
        "Store the first one with `traceledger trust add FILE --fingerprint ...`.",
    ),
    "trust-list.other": Code(
        "A trust list of this name by another key is already stored.",
        "Compare the fingerprint of the new key with its authority's own publication, then use"
        " --replace.",
    ),
    "trust-list.fork": Code(
        "Two different trust lists have the same number.",
        "Keep both files as evidence, and ask the authority which one it issued.",
    ),
    "trust-list.item": Code(
        "No stored trust list has a ledger for this item.",
        "Check the item id. Otherwise ask the authority for a newer list, or name a trust file with"
        " --trust.",
    ),
}
