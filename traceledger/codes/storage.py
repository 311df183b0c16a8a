"""Storage: database and files."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "store.none": Code(
        "There is no ledger at this place.",
        "Check --ledger, or create a ledger with `traceledger init`.",
    ),
    "store.exists": Code(
        "A ledger already exists at this place.",
        "Use it, or choose another place.",
    ),
    "store.busy": Code(
        "Another process is writing to this ledger, or cosigning with this witness.",
        "Wait until it ends; events can also be sent to the ledger's server, if one is running.",
    ),
    "store.version": Code(
        "A file of the ledger was written by an incompatible version of traceledger.",
        "Use that version, or a newer one.",
    ),
    "store.write": Code(
        "A write to the database or the disk failed; nothing was written.",
        "Check free space, permissions and the disk, then send the same request again.",
    ),
    "store.size": Code(
        "The log grew while this write was being prepared; nothing was written.",
        "Send the same request again.",
    ),
    "store.url": Code(
        "The address of the database is invalid.",
        "Write it as postgresql://USER@HOST:PORT/NAME.",
    ),
    "store.password": Code(
        "The address of the database contains a password, which other users and logs would see.",
        "Put the password into the file ~/.pgpass or the variable PGPASSWORD.",
    ),
    "store.connect": Code(
        "The database server does not answer, refuses the connection or ended it.",
        "Check the address, the password and that the server runs, then send the same request"
        " again.",
    ),
    "store.server": Code(
        "The database server is too old, or the database does not store text as UTF-8.",
        "Use PostgreSQL 14 or newer, and a database with the encoding UTF8.",
    ),
    "store.unsafe": Code(
        "The database server may lose events that it confirmed when its machine loses power.",
        "Set `fsync` and `full_page_writes` to `on` in the server's settings, then reload them.",
    ),
    "store.pooler": Code(
        "A connection pooler gives each transaction to another connection of the server, so"
        " settings such as a commit's wait for the standby would be lost.",
        "Use the pooler's session mode, or the address of the server itself.",
    ),
    "store.replica": Code(
        "The database for reading is not a replica of the ledger's own.",
        "Give the address of a standby of that server to --read-store.",
    ),
    "store.rights": Code(
        "The database refuses this user a right that the ledger needs; nothing was written.",
        "Let the user own the schema `traceledger`, or the database in which it is created.",
    ),
    "store.readonly": Code(
        "The database can only be read, as on a standby server; nothing was written.",
        "Write to the primary server, whose address may have changed.",
    ),
    "store.unconfirmed": Code(
        "The database did not confirm the write, so it is unknown whether it will last.",
        "Send the same signed events again, which adds nothing twice. Before you repeat a command,"
        " which signs others, look with `traceledger history ITEM` whether its event is there.",
    ),
    "store.replaced": Code(
        "The database has another log than the one that this program read, as after a fail-over"
        " that lost writes; nothing was written.",
        "Send the same request again; if the error remains, run `traceledger doctor`.",
    ),
}
