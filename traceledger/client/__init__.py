"""A ledger behind HTTP, for plant systems and the command line; keys and signing stay here."""
