"""Customers, as salespeople work with them."""
