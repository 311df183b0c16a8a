"""The findings of an account, one module a family."""
