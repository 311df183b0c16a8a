"""The states, map of latest heads and leaf hashes of a replay in a file instead of memory."""
