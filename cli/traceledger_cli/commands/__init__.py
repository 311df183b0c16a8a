"""The commands, one file a noun; what they do is in the library."""
