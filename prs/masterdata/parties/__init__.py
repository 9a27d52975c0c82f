"""Who the business trades with: its customers and their contacts.

Owns customers. Refuses to delete one that anything refers to. Invoices, payments and deals refer to it.
"""
