"""Tables of the books. Only this app imports them."""

from prs.ledgers.bookkeeping.models.chart import Account, PostingRule
from prs.ledgers.bookkeeping.models.currencies import Rate, Revaluation
from prs.ledgers.bookkeeping.models.drafts import DraftEntry, DraftLine, Recurring
from prs.ledgers.bookkeeping.models.ledger import Balance, Entry, Line
from prs.ledgers.bookkeeping.models.periods import FiscalYear, Period, Reopening

__all__ = [
    "Account",
    "Balance",
    "DraftEntry",
    "DraftLine",
    "Entry",
    "FiscalYear",
    "Line",
    "Period",
    "PostingRule",
    "Rate",
    "Recurring",
    "Reopening",
    "Revaluation",
]
