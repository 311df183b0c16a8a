"""Writing: admitting, checking and appending events, one writer at a time."""
