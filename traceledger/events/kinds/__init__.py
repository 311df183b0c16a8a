"""The kinds of events, one file per chapter of the catalogue."""
