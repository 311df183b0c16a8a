"""The HTTP service of traceledger."""
