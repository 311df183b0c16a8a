"""The formats of stored and exchanged data, one module per format."""
