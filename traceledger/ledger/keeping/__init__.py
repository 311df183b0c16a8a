"""Keeping the house: the ledger's folder, founding, back-ups, inspection, rebuilding."""
