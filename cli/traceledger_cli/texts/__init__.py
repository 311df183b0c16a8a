"""What commands print: verdicts, receipts, lineages, tables."""
