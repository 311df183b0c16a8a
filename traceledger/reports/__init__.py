"""Reports of an audit: one model, computed once, and a renderer for each format.

`sheets` and `front` make the model of `model` from the account's JSON. `workbook`, `html_page` and
`csv_files` only format what it contains, so every format has the same figures. `signature` signs a
finished file.
"""
