"""Trust files, passports and the results of verification."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "trust.form": Code(
        "A trust file does not follow the format.",
        "Get the file again from a source that you trust, and compare its fingerprint.",
    ),
    "trust.item": Code(
        "The trust file does not cover items with such ids.",
        "Check the item id, and that the trust file belongs to the item's maker.",
    ),
    "trust.founding": Code(
        "The ledger was founded by a different event from the one in the trust file.",
        "Use the trust file of the right ledger; otherwise do not rely on this data.",
    ),
    "trust-list.form": Code(
        "A trust list does not follow the format.",
        "Get the list again from its authority; do not edit, wrap or re-encode it.",
    ),
    "trust-list.key": Code(
        "A trust list is not by the key that was accepted.",
        "Compare the fingerprint of the key with the authority's own publication. Never take it"
        " from the list.",
    ),
    "trust-list.changed": Code(
        "The trust files in a trust list are not those that its authority signed.",
        "Do not rely on the list. Get it again from its authority.",
    ),
    "trust-list.older": Code(
        "A trust list has a smaller number than one that was accepted before.",
        "Get the newest list from its authority; whoever offers an old one hides what changed.",
    ),
    "trust-list.early": Code(
        "A trust list does not hold yet.",
        "Check this computer's clock; otherwise wait until the list holds.",
    ),
    "trust-list.expired": Code(
        "A trust list has expired, so nothing is verified with it.",
        "Get the newest list from its authority and pass it to `traceledger trust update`.",
    ),
    "passport.form": Code(
        "A passport does not follow the format.",
        "Obtain the passport again; do not edit, wrap or re-encode it.",
    ),
    "passport.size": Code(
        "The history of an item is too large for a passport.",
        "Read its status and events with `traceledger show` and `traceledger history`.",
    ),
    "passport.item": Code(
        "The passport is about a different item from the one requested.",
        "Compare the id on the object with the id in the passport; do not accept the passport of"
        " another item.",
    ),
    "passport.chain": Code(
        "A passport lacks the history of a part, party or key, or contains one that is not needed.",
        "Do not rely on the passport. Obtain it again; if it fails again, report it.",
    ),
    "passport.order": Code(
        "A passport does not prove the log positions needed to judge keys that later changed or"
        " ended.",
        "Do not rely on the passport. Obtain it again; if it fails again, report it.",
    ),
    "seal.last": Code(
        "The checkpoint does not end in the seal that is shown, so later events may be hidden.",
        "Do not rely on this data. Obtain it again; if it fails again, report it.",
    ),
    "ref.depth": Code(
        "The item's parts are nested more than eight levels deep.",
        "Show the history of one of its parts instead.",
    ),
    "former.refused": Code(
        "The record of an earlier life in another ledger is false.",
        "Do not rely on the part's history. Compare its earlier record with that ledger's own.",
    ),
    "former.checkpoint": Code(
        "The record of an earlier life is as of another state of that ledger than the event names.",
        "Do not rely on the part's history. Obtain the record that the event names.",
    ),
    "former.private": Code(
        "The record of an earlier life discloses restricted fields, so it cannot be shown to all.",
        "Obtain the public record from that ledger, and name that one in the event.",
    ),
    "trust.first-use": Code(
        "The trust file came from the ledger itself, so the ledger vouches for itself.",
        "Compare the trust file's fingerprint with one obtained through an independent channel.",
    ),
    "quorum.none": Code(
        "The trust file asks for no witness, so another history may have been shown to others.",
        "Use a trust file that names witnesses.",
    ),
    "quorum.missing": Code(
        "Too few of the witnesses that the trust file asks for have cosigned.",
        "Wait for their cosignatures, then obtain the file again.",
    ),
    "replay.missing": Code(
        "No trusted witness that replays the whole log has cosigned.",
        "Wait for the cosignature, or let an auditor verify the whole log.",
    ),
    "age.stale": Code(
        "The cosignatures are older than the trust file allows.",
        "Obtain the file again, with newer cosignatures.",
    ),
    "rules.newer": Code(
        "The ledger follows newer rules than this version knows.",
        "Install the newest version and verify again.",
    ),
}
