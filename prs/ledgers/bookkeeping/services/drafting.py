"""Entries that people write: drafted, handed in, approved by somebody else, posted; and undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.activity.services import record
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.files import CheckedFile
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.services import keep_file
from prs.ledgers.bookkeeping import events, selectors
from prs.ledgers.bookkeeping.models import Account, DraftEntry, DraftLine, Entry
from prs.ledgers.bookkeeping.rules import DRAFT, REVALUATION, REVERSAL, Side
from prs.ledgers.bookkeeping.services.posting import Source, post, reverse

# What a person may undo; everything else is undone where its document is corrected.
BY_HAND = frozenset({DRAFT, REVALUATION})


class NotBalanced(Invalid):
    """Debits and credits differ."""

    sentence = gettext_lazy("Debits and credits differ by {difference}.")


class TooFewLines(Invalid):
    """An entry moves something from somewhere to somewhere."""

    sentence = gettext_lazy("An entry has at least two lines.")


class OwnDraft(Refusal):
    """Who handed in does not approve."""

    sentence = gettext_lazy("You handed this in, so somebody else approves it.")


class DraftMoved(Refusal):
    """Somebody was faster."""

    sentence = gettext_lazy("Someone has already decided this entry.")


class WhyMissing(Invalid):
    """A reason is part of it."""

    sentence = gettext_lazy("Say why.")


class CorrectTheDocument(Refusal):
    """What a document posted is undone by the document."""

    sentence = gettext_lazy(
        "A document posted this entry. Correct the document, and the books follow."
    )


@dataclass(frozen=True)
class LineDraft:
    """One line as a person writes it: an amount on an account, a debit above zero."""

    account: Account
    amount: Decimal
    memo: str = ""
    party_id: UUID | None = None
    branch_id: UUID | None = None
    project_id: UUID | None = None
    member_id: UUID | None = None


@dataclass(frozen=True)
class Written:
    """An entry as a person writes it."""

    on: date
    description: str
    currency: str
    lines: Sequence[LineDraft]
    rate: Decimal = Decimal(1)
    file: CheckedFile | None = None


def check(written: Written) -> Decimal:
    """The total of an entry, if its lines make one.

    :raises TooFewLines: there are less than two.
    :raises NotBalanced: debits and credits differ.
    """
    lines = [line for line in written.lines if line.amount]
    if len(lines) < 2:
        raise TooFewLines
    difference = sum((line.amount for line in lines), Decimal(0))
    if difference:
        raise NotBalanced(difference=f"{abs(difference.normalize()):f}")
    return sum((line.amount for line in lines if line.amount > 0), Decimal(0))


@transaction.atomic
def write(
    written: Written, *, by: Member, at: datetime, kind: str = DraftEntry.Kind.MANUAL
) -> DraftEntry:
    """Write a draft. It may be out of balance until it is handed in."""
    stored = keep_file(written.file, at=at) if written.file else None
    row = DraftEntry.objects.create(
        kind=kind,
        entry_date=written.on,
        description=written.description,
        currency=written.currency,
        rate=written.rate,
        total=total_of(written),
        file=stored,
        written_by=by,
        written_at=at,
    )
    write_lines(row, written.lines)
    record(events.DRAFT_WRITTEN, row, by=by, at=at)
    return row


def total_of(written: Written) -> Decimal:
    """What the debits come to."""
    return sum((line.amount for line in written.lines if line.amount > 0), Decimal(0))


def write_lines(row: DraftEntry, lines: Sequence[LineDraft]) -> None:
    """Write the lines of a draft, in order."""
    DraftLine.objects.bulk_create(
        DraftLine(
            organization_id=row.organization_id,
            draft=row,
            position=position,
            account=line.account,
            amount=line.amount,
            memo=line.memo,
            party_id=line.party_id,
            branch_id=line.branch_id,
            project_id=line.project_id,
            member_id=line.member_id,
        )
        for position, line in enumerate((each for each in lines if each.amount), start=1)
    )


def held(row: DraftEntry, *states: str) -> DraftEntry:
    """A draft that is in one of these states, held until the commit."""
    found = DraftEntry.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.state not in states:
        raise DraftMoved
    return found


@transaction.atomic
def rewrite(
    row: DraftEntry, written: Written, *, version: int, by: Member, at: datetime
) -> DraftEntry:
    """Write a draft anew.

    :raises Stale: somebody saved it meanwhile.
    :raises DraftMoved: it is no draft any more.
    """
    found = held(row, DraftEntry.State.DRAFT)
    if found.version != version:
        raise Stale
    DraftLine.objects.filter(draft=found).delete()
    found.entry_date, found.description = written.on, written.description
    found.currency, found.rate = written.currency, written.rate
    found.total, found.version = total_of(written), found.version + 1
    if written.file:
        found.file = keep_file(written.file, at=at)
    found.save()
    write_lines(found, written.lines)
    record(events.DRAFT_CHANGED, found, by=by, at=at)
    return found


@transaction.atomic
def submit(row: DraftEntry, *, by: Member, at: datetime) -> DraftEntry:
    """Hand a draft in for approval.

    :raises NotBalanced: debits and credits differ.
    :raises DraftMoved: it was handed in or discarded.
    """
    found = held(row, DraftEntry.State.DRAFT)
    sums = DraftLine.objects.filter(draft=found).aggregate(net=Sum("amount"))
    if DraftLine.objects.filter(draft=found).count() < 2:
        raise TooFewLines
    if sums["net"]:
        raise NotBalanced(difference=f"{abs(sums['net'].normalize()):f}")
    found.state, found.submitted_by, found.submitted_at = DraftEntry.State.SUBMITTED, by, at
    found.note, found.version = "", found.version + 1
    found.save()
    record(events.DRAFT_SUBMITTED, found, by=by, at=at)
    return found


@transaction.atomic
def send_back(row: DraftEntry, *, reason: str, by: Member, at: datetime) -> DraftEntry:
    """Return what was handed in to whoever wrote it, with why.

    :raises WhyMissing: no reason was given.
    :raises DraftMoved: it doesn't wait.
    """
    if not reason.strip():
        raise WhyMissing
    found = held(row, DraftEntry.State.SUBMITTED)
    found.state, found.note = DraftEntry.State.DRAFT, reason.strip()
    found.version += 1
    found.save()
    record(events.DRAFT_RETURNED, found, by=by, at=at, words={"reason": reason.strip()})
    return found


@transaction.atomic
def discard(row: DraftEntry, *, by: Member, at: datetime) -> DraftEntry:
    """Give a draft up. It stays to be seen.

    :raises DraftMoved: it is handed in, posted or discarded.
    """
    found = held(row, DraftEntry.State.DRAFT)
    found.state, found.version = DraftEntry.State.DISCARDED, found.version + 1
    found.save()
    record(events.DRAFT_DISCARDED, found, by=by, at=at)
    return found


@transaction.atomic
def approve(row: DraftEntry, *, by: Member, at: datetime) -> Entry:
    """Post what somebody else handed in.

    :raises OwnDraft: the approver handed it in.
    :raises DraftMoved: it doesn't wait.
    :raises PeriodClosed: its day lies in a closed period.
    :raises AccountClosed: an account takes no lines.
    """
    found = held(row, DraftEntry.State.SUBMITTED)
    if found.submitted_by_id == by.pk:
        raise OwnDraft
    entry = post_draft(found, by=by, at=at)
    record(events.DRAFT_POSTED, found, by=by, at=at, words={"number": entry.number})
    return entry


def post_draft(found: DraftEntry, *, by: Member, at: datetime) -> Entry:
    """Post the lines of a held draft, and keep which entry became of it."""
    rows = list(DraftLine.objects.filter(draft=found).order_by("position"))
    sides = tuple(
        Side(
            "",
            line.amount,
            line.party_id,
            line.memo,
            None,
            line.account_id,
            line.branch_id,
            line.project_id,
            line.member_id,
        )
        for line in rows
    )
    entry = post(
        Source(DRAFT, found.pk, "posted"),
        sides,
        on=found.entry_date,
        currency=found.currency,
        rate=found.rate,
        description=found.description,
        by=by,
        at=at,
    )
    found.state, found.entry, found.decided_by = DraftEntry.State.POSTED, entry, by
    found.version += 1
    found.save()
    return entry


@transaction.atomic
def reverse_by_hand(entry: Entry, *, reason: str, on: date, by: Member, at: datetime) -> Entry:
    """Undo an entry that a person wrote, with the reason in the books.

    :raises WhyMissing: no reason was given.
    :raises CorrectTheDocument: a document posted it, or it is a reversal itself.
    :raises OwnDraft: whoever handed it in can't undo it alone.
    :raises AlreadyPosted: it was undone before.
    """
    if not reason.strip():
        raise WhyMissing
    if entry.source_kind not in BY_HAND or entry.reverses_id is not None:
        raise CorrectTheDocument
    draft = selectors.draft_of(entry.pk)
    if draft is not None and draft.submitted_by_id == by.pk:
        raise OwnDraft
    undone = reverse(
        entry,
        on=on,
        by=by,
        at=at,
        source=Source(REVERSAL, entry.pk, "reversed"),
        description=_("Reversal of %(number)s: %(reason)s")
        % {"number": entry.number, "reason": reason.strip()},
    )
    record(events.ENTRY_REVERSED, entry, by=by, at=at, words={"reason": reason.strip()})
    return undone


@transaction.atomic
def copy(row: DraftEntry, *, on: date, by: Member, at: datetime) -> DraftEntry:
    """Write a new draft with the lines of another one."""
    lines = [
        LineDraft(
            line.account,
            line.amount,
            line.memo,
            line.party_id,
            line.branch_id,
            line.project_id,
            line.member_id,
        )
        for line in selectors.draft_lines(row)
    ]
    words = Written(on, row.description, row.currency, lines, row.rate)
    return write(words, by=by, at=at)
