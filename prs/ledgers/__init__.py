"""The append-only books: the only writers of stock and money."""
