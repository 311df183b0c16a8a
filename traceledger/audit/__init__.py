"""The bonded account: figures and findings over a verified log (docs/spec/account.md)."""
