"""Where a ledger is kept: what the ledger asks of a store, and the store on SQLite."""
