"""Entries that come back: set up once, then drafted or posted by themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import events, selectors
from prs.ledgers.bookkeeping.models import DraftEntry, Recurring
from prs.ledgers.bookkeeping.rules import due_on
from prs.ledgers.bookkeeping.services.drafting import (
    LineDraft,
    OwnDraft,
    Written,
    check,
    post_draft,
    write,
    write_lines,
)
from prs.ledgers.bookkeeping.services.posting import AccountClosed, PeriodClosed

# A machine that was off for years catches up in steps.
MOST_AT_ONCE = 60


class AlreadyApproved(Refusal):
    """Somebody was faster."""

    sentence = _("Someone has approved this already.")


@transaction.atomic
def set_up(
    written: Written,
    *,
    every: str,
    mode: str,
    starts_on: date,
    ends_on: date | None,
    by: Member,
    at: datetime,
) -> Recurring:
    """Set up an entry that comes back. Until somebody else approves it, it only writes drafts.

    :raises NotBalanced: debits and credits differ.
    """
    check(written)
    template = write(written, by=by, at=at, kind=DraftEntry.Kind.TEMPLATE)
    row = Recurring.objects.create(
        template=template, every=every, mode=mode, starts_on=starts_on, ends_on=ends_on, made_by=by
    )
    record(events.RECURRING_SET, template, by=by, at=at)
    return row


@transaction.atomic
def approve_recurring(row: Recurring, *, by: Member, at: datetime) -> Recurring:
    """Let a recurring entry post by itself.

    :raises OwnDraft: the approver set it up.
    :raises AlreadyApproved: somebody did.
    """
    if row.made_by_id == by.pk:
        raise OwnDraft
    won = Recurring.objects.filter(pk=row.pk, approved_by__isnull=True).update(approved_by=by)
    if not won:
        raise AlreadyApproved
    record(events.RECURRING_APPROVED, row.template, by=by, at=at)
    row.refresh_from_db()
    return row


@transaction.atomic
def switch(row: Recurring, *, active: bool, by: Member, at: datetime) -> Recurring:
    """Stop a recurring entry, or let it run again from now on: what was missed stays so."""
    fields: dict[str, Any] = {"active": active}
    if active:
        fields["done"] = passed(row, at.date())
    Recurring.objects.filter(pk=row.pk).update(**fields)
    record(events.RECURRING_CHANGED, row.template, by=by, at=at, after={"active": active})
    row.refresh_from_db()
    return row


def passed(row: Recurring, today: date) -> int:
    """How often a recurring entry would have come before a day."""
    number = row.done
    while due_on(row.starts_on, row.every, number) < today:
        number += 1
    return number


def next_due(row: Recurring) -> date | None:
    """When a recurring entry comes next; None when it doesn't."""
    day = due_on(row.starts_on, row.every, row.done)
    over = row.ends_on is not None and day > row.ends_on
    return None if over or not row.active else day


@transaction.atomic
def run_recurring(*, on: date, at: datetime) -> int:
    """Write or post what is due until a day. Twice is once. Returns how many came."""
    count = 0
    rows = Recurring.objects.select_for_update(of=("self",)).filter(active=True)
    for row in rows.select_related("template", "made_by", "approved_by").order_by("pk"):
        day = next_due(row)
        while day is not None and day <= on and count < MOST_AT_ONCE:
            come(row, day, at=at)
            count += 1
            day = next_due(row)
    return count


def come(row: Recurring, day: date, *, at: datetime) -> DraftEntry:
    """One more of a recurring entry: posted when it may be, handed in when not."""
    template = row.template
    draft = DraftEntry.objects.create(
        kind=DraftEntry.Kind.RECURRING,
        source_id=row.pk,
        entry_date=day,
        description=template.description,
        currency=template.currency,
        rate=template.rate,
        total=template.total,
        written_by=row.made_by,
        written_at=at,
    )
    lines = selectors.draft_lines(template)
    write_lines(
        draft,
        [
            LineDraft(
                line.account,
                line.amount,
                line.memo,
                line.party_id,
                line.branch_id,
                line.project_id,
                line.member_id,
            )
            for line in lines
        ],
    )
    draft.submitted_by, draft.submitted_at = row.made_by, at
    draft.state = DraftEntry.State.SUBMITTED
    draft.save()
    row.done += 1
    row.save(update_fields=["done"])
    if row.mode == Recurring.Mode.POST and row.approved_by is not None:
        try:
            with transaction.atomic():
                post_draft(draft, by=row.approved_by, at=at)
        except (PeriodClosed, AccountClosed):
            # It waits for a person, who sees why when they approve it.
            draft.refresh_from_db()
            record(events.DRAFT_SUBMITTED, draft, by=row.made_by, at=at)
    else:
        record(events.DRAFT_SUBMITTED, draft, by=row.made_by, at=at)
    return draft
