"""traceledger: signed histories of remanufactured parts, provable to strangers."""
