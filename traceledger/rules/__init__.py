"""The rules: one pure fold over events, the same on append and on replay."""
