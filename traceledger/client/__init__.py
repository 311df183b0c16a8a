"""Clients of a ledger on a server, for plant systems and the command line; keys stay local."""
