"""Verification of an archive on many machines."""
