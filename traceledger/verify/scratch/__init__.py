"""A replay's states, map of latest heads and leaf hashes in one file instead of memory."""
