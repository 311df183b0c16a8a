"""Options and files that the user names, read into what commands work with."""
