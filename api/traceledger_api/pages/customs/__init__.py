"""The console in which customs read the account of a ledger."""
