"""Sealing: the map of latest heads, the seal that commits to it, the signed checkpoint."""
