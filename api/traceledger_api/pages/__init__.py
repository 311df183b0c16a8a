"""Pages for people: what a buyer sees who scans a part's code."""
