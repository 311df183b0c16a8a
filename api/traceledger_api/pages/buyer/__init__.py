"""The page that a buyer sees who scans a part's code."""
