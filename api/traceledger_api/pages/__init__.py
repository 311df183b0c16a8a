"""Pages for people, a folder for each audience."""
