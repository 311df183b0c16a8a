"""A ledger as its users see it, in a folder or on a server."""
