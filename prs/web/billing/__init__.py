"""Invoices and the payments recorded against them."""
