"""Payments: money said to have come in, and its proof.

Owns payments, decisions, allocations and receipts. Refuses a decision by whoever recorded the payment.
A verified payment settles invoices below and is posted to the books.
"""
