"""A ledger as people and programs see it, in a folder or behind a server."""
