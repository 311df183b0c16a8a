"""What is written and exchanged, one module a format."""
