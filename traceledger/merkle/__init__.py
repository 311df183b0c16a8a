"""The append-only Merkle tree of the log and the map of latest heads; hashes only, no I/O."""
