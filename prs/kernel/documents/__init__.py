"""Documents as PDF: the one door to the layout engine, and what its templates are given.

Refuses to read a file or an address while it lays out, whatever the text on the page says, and
ends by itself. Called by the tasks and services that make invoices and receipts final; numbers,
amounts and dates come written, and keeping the result is not decided here.
"""

from prs.kernel.documents.rendering import DocumentRefused, RenderedDocument, render
from prs.kernel.documents.sheets import (
    AgeRow,
    Fact,
    InvoiceSheet,
    Party,
    ReceiptSheet,
    ReducedInvoice,
    ReversalSheet,
    SettledInvoice,
    SheetLine,
    StatementLine,
    StatementSheet,
    TaxRow,
    invoice,
    receipt,
    reversal,
    statement,
)

__all__ = [
    "AgeRow",
    "DocumentRefused",
    "Fact",
    "InvoiceSheet",
    "Party",
    "ReceiptSheet",
    "ReducedInvoice",
    "RenderedDocument",
    "ReversalSheet",
    "SettledInvoice",
    "SheetLine",
    "StatementLine",
    "StatementSheet",
    "TaxRow",
    "invoice",
    "receipt",
    "render",
    "reversal",
    "statement",
]
