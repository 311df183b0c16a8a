"""The ledger service: append, seal, publish, read and prove."""
