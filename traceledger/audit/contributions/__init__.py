"""What each item contributes to the figures of an account, one file a family of figures."""
