"""Offline verification of a whole ledger, on all cores, without a database."""
