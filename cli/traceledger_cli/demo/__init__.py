"""The demo: one shipment of used transmission control modules, from import to export."""
