"""The rules: one pure fold over events, shared by append and replay."""
