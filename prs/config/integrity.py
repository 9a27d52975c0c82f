"""What `manage.py verify_integrity` checks, in each organization."""

from __future__ import annotations

from prs.kernel.activity import chain
from prs.kernel.activity.integrity import Check
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.masterdata.parties import selectors as customers
from prs.operations.fulfilment import selectors as fulfilment
from prs.operations.incentives import selectors as incentives
from prs.operations.invoicing import selectors as invoices
from prs.operations.payments import selectors as payments
from prs.operations.purchasing import selectors as purchasing
from prs.operations.receivables import selectors as receivables
from prs.operations.till.selectors import integrity as till

CHECKS = (
    Check("audit chain", chain.findings),
    Check("books", books.findings),
    Check("stock", stock.findings),
    Check("stock and books", purchasing.findings),
    Check("customers", customers.findings),
    Check("invoices", invoices.findings),
    Check("payments", payments.findings),
    Check("receivables", receivables.findings),
    Check("sales", incentives.findings),
    Check("till", till.findings),
    Check("warehouse", fulfilment.findings),
)
