"""Labels: the QR symbol of an item's address, and what is written beside it, as SVG and PNG."""
