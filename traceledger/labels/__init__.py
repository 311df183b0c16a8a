"""Labels: the QR symbol of an item's address and the text next to it, for screens and printers."""
