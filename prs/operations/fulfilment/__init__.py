"""The warehouse's life of an invoice: picked, packed, handed over.

It owns what was taken from the shelf for an invoice and who did it; it refuses what isn't in turn, what
another works on, and what the shelf doesn't have. The warehouse's pages call it, and the reactions do.
"""
