"""What is planned before anything is signed: imports, marks, labels, and the drafts of each."""
