"""The catalogue, stock and purchasing, as people work with them."""
