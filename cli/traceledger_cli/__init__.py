"""The command line of traceledger."""
