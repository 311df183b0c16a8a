"""Writing: admitting, checking and appending events."""
