"""The kinds of events, one file a chapter of the catalogue."""
