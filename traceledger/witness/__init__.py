"""Cosigning checkpoints: the append-only witness and the witness that replays the whole log."""
