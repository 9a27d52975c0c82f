"""Who the business trades with: its customers and their contacts, and its suppliers.

Owns customers and suppliers. Refuses to delete one that anything refers to. Invoices, payments, deals
and purchases refer to them.
"""
