"""Planning before signing: drafts of declarations, imports and marks, and statements on labels."""
