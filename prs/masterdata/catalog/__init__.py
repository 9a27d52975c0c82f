"""What is sold: products with their units, packs, barcodes, taxes and prices.

Owns the catalogue and nothing that moves. Refuses a barcode that names two things, a category below
itself, and a pack of nothing. Stock counts what is here; the till and invoices sell it.
"""
