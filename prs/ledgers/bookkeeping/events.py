"""What happens in the books."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event


def of_books(code: str, title: Any, sentence: Any, **words: Any) -> Event:
    """An event that those who read the books may see."""
    return Event(f"books.{code}", title, sentence, sees="books.view", **words)


PERIOD_CLOSED = of_books("period_closed", _("Period closed"), _("{actor} closed {subject}."))
PERIOD_LOCKED = of_books(
    "period_locked", _("Period locked"), _("{actor} locked {subject} for good.")
)
PERIOD_OPENED = of_books("period_opened", _("Period opened"), _("{actor} opened {subject} again."))
REOPENING_ASKED = of_books(
    "reopening_asked",
    _("Reopening asked for"),
    _("{actor} asks to open {subject} again: {reason}"),
    told=("books.periods",),
    words=("reason",),
)
REOPENING_REFUSED = of_books(
    "reopening_refused", _("Reopening refused"), _("{actor} left {subject} closed.")
)
YEAR_OPENED = of_books("year_opened", _("Fiscal year set up"), _("{actor} set up {subject}."))
YEAR_CLOSED = of_books("year_closed", _("Fiscal year closed"), _("{actor} closed {subject}."))
YEAR_REOPENED = of_books(
    "year_reopened", _("Fiscal year opened"), _("{actor} opened {subject} again.")
)
ACCOUNT_ADDED = of_books("account_added", _("Account added"), _("{actor} added {subject}."))
ACCOUNT_CHANGED = of_books("account_changed", _("Account changed"), _("{actor} changed {subject}."))
CHART_IMPORTED = of_books(
    "chart_imported",
    _("Chart imported"),
    _("{actor} imported {count} accounts."),
    words=("count",),
)
RULE_CHANGED = of_books(
    "rule_changed",
    _("Posting rule changed"),
    _("{actor} lets {heading} post to {subject}."),
    words=("heading",),
)
DRAFT_WRITTEN = of_books("draft_written", _("Entry drafted"), _("{actor} drafted {subject}."))
DRAFT_CHANGED = of_books("draft_changed", _("Draft changed"), _("{actor} changed {subject}."))
DRAFT_SUBMITTED = of_books(
    "draft_submitted",
    _("Entry to approve"),
    _("{actor} handed in {subject}."),
    told=("books.approve",),
    topics=("books",),
)
DRAFT_RETURNED = of_books(
    "draft_returned",
    _("Entry returned"),
    _("{actor} returned {subject}: {reason}"),
    told_as=("submitted_by_id",),
    words=("reason",),
)
DRAFT_DISCARDED = of_books(
    "draft_discarded", _("Draft discarded"), _("{actor} discarded {subject}.")
)
DRAFT_POSTED = of_books(
    "draft_posted",
    _("Entry posted"),
    _("{actor} approved {subject}; it is posted as {number}."),
    told_as=("submitted_by_id",),
    words=("number",),
)
ENTRY_REVERSED = of_books(
    "entry_reversed",
    _("Entry reversed"),
    _("{actor} reversed {subject}: {reason}"),
    words=("reason",),
)
RECURRING_SET = of_books(
    "recurring_set", _("Recurring entry set up"), _("{actor} set up {subject}.")
)
RECURRING_CHANGED = of_books(
    "recurring_changed", _("Recurring entry changed"), _("{actor} changed {subject}.")
)
RECURRING_APPROVED = of_books(
    "recurring_approved", _("Recurring entry approved"), _("{actor} lets {subject} post by itself.")
)
RATE_SET = of_books("rate_set", _("Rate entered"), _("{actor} entered {subject}."))
RATES_IMPORTED = of_books(
    "rates_imported", _("Rates imported"), _("{actor} imported {count} rates."), words=("count",)
)
REVALUED = of_books(
    "revalued", _("Currencies revalued"), _("{actor} revalued other currencies on {subject}.")
)
