"""Invoices: what customers owe, from any origin.

Owns invoices, their lines and revisions. Refuses to change what was issued. Payments settle invoices;
imports and people write them.
"""
