"""The chart of accounts, and the rules that send the system's headings to its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping import events, selectors
from prs.ledgers.bookkeeping.models import Account, Balance, PostingRule
from prs.ledgers.bookkeeping.rules import (
    CASH_FLOWS,
    CHART,
    CONTROLLED,
    HEADINGS,
    TAXES,
    ChartRow,
    in_order,
)


class CodeTaken(Refusal):
    """Two accounts with one code."""

    sentence = _("Another account has this code.")


class CodeUnreadable(Invalid):
    """Codes are letters and digits."""

    sentence = _("A code has letters, digits, points and dashes, at most 12 of them.")


class KindDiffers(Refusal):
    """An account of another kind than what it is part of."""

    sentence = _("An account is of the same kind as the account it is part of.")


class UnderItself(Refusal):
    """A circle in the tree."""

    sentence = _("An account can't be part of itself or of what is part of it.")


class ParentHasLines(Refusal):
    """Headings take no lines."""

    sentence = _("The account above has postings of its own, so nothing can be part of it.")


class PostedTo(Refusal):
    """The system needs the account."""

    sentence = _("The system posts to this account. Choose another one in the posting rules first.")


class KindStays(Refusal):
    """An account with lines changes its kind."""

    sentence = _("An account that has postings or sub-accounts keeps its kind.")


class CashIsHeld(Invalid):
    """Only what is held or owed is cash."""

    sentence = _("Only an asset or a liability can be cash.")


class TaxIsOwed(Invalid):
    """Only what is held or owed is a tax account."""

    sentence = _("Only an asset or a liability can be a tax account.")


class BalanceLeft(Refusal):
    """Something lies on the account."""

    sentence = _("This account has a balance. Post it elsewhere before you retire the account.")


class WrongAccount(Refusal):
    """A heading can't post there."""

    sentence = _(
        "This heading can't post to that account: choose one in use, without sub-accounts, "
        "of the balance sheet for the balance sheet, of the result for the result."
    )


class OwnAccount(Refusal):
    """Counted against other records, so it stands alone."""

    sentence = _("This heading needs an account of its own, the same for all documents.")


class RuleChanged(Refusal):
    """Somebody else was faster."""

    sentence = _("Someone has just changed this rule. Look at it again.")


TREE: dict[str, type[Refusal]] = {
    "account_code_unique": CodeTaken,
    "account_code_readable": CodeUnreadable,
    "account_kind_of_its_parent": KindDiffers,
    "account_not_under_itself": UnderItself,
    "account_parent_takes_no_lines": ParentHasLines,
    "account_posted_to_stays": PostedTo,
    "account_kind_stays_once_used": KindStays,
    "account_cash_is_held": CashIsHeld,
    "account_tax_is_owed": TaxIsOwed,
}
RULES: dict[str, type[Refusal]] = {
    "posting_rule_account_fits": WrongAccount,
    "posting_rule_numbered": RuleChanged,
}


@transaction.atomic
def seed_chart(*, at: datetime, by: Actor = SYSTEM) -> None:
    """Give the current organization the accounts that the system posts to, and its posting rules.

    What it has stays as it is: it may be run at any time, and is at each release.
    """
    ruled = set(PostingRule.objects.filter(source_kind="").values_list("heading", flat=True))
    known = {row.code: row for row in Account.objects.all()}
    fresh = not known
    wanted = [row for row in CHART if row[0] not in ruled and (fresh or row[0] in HEADINGS)]
    heads = set(Account.objects.filter(parent__isnull=False).values_list("parent_id", flat=True))
    found: dict[str, Account] = {}
    made = []
    for code, name, kind in wanted:
        row = known.get(code)
        if row is None or row.kind != kind or row.pk in heads or not row.active:
            row = Account(
                organization_id=required_organization(),
                code=free_code(code, known),
                name=name,
                kind=kind,
                cash_flow=CASH_FLOWS.get(code, "operating"),
                tax=TAXES.get(code, ""),
            )
            known[row.code] = row
            made.append(row)
        found[code] = row
    Account.objects.bulk_create(made)
    PostingRule.objects.bulk_create(
        new_rule(code, row, 1, by=by, at=at) for code, row in found.items() if code in HEADINGS
    )


def free_code(code: str, known: Mapping[str, Any]) -> str:
    """A code like the wanted one that no account has."""
    return next(
        each for each in (code, *(f"{code}-{n}" for n in range(2, 99))) if each not in known
    )


def new_rule(
    heading: str, account: Account | None, number: int, *, by: Actor, at: datetime, kind: str = ""
) -> PostingRule:
    """One more rule of a heading, unsaved."""
    return PostingRule(
        organization_id=required_organization(),
        heading=heading,
        source_kind=kind,
        number=number,
        account=account,
        by_label=by.label,
        at=at,
    )


@transaction.atomic
def add_account(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Account:
    """Add an account.

    :raises CodeTaken: another one has the code.
    :raises KindDiffers: it is part of an account of another kind.
    :raises ParentHasLines: what it is part of has lines of its own.
    """
    with refusing(TREE):
        row = Account.objects.create(**fields)
    record(events.ACCOUNT_ADDED, row, by=by, at=at)
    return row


@transaction.atomic
def change_account(row: Account, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Account:
    """Rename, move, classify or retire an account.

    :raises PostedTo: the system posts to what would be retired or become a heading.
    :raises BalanceLeft: it would be retired with a balance.
    """
    if fields.get("active") is False and balance_of(row):
        raise BalanceLeft
    with refusing(TREE):
        before = write_version(row, fields)
    record(events.ACCOUNT_CHANGED, row, by=by, at=at, before=before, after=dict(fields))
    return row


def balance_of(row: Account) -> Any:
    """Debits less credits of an account, of all time."""
    return Balance.objects.filter(account=row).aggregate(net=Sum(F("debit") - F("credit")))["net"]


@transaction.atomic
def set_rule(
    heading: str, account: Account | None, *, by: Actor, at: datetime, kind: str = ""
) -> PostingRule:
    """Let a heading of the system post to an account from now on; what is posted stays.

    With a `kind` it holds for what that kind of document posts, and no account gives it back.

    :raises OwnAccount: the heading stands alone, or the account belongs to one that does.
    :raises WrongAccount: the account can't take it.
    :raises RuleChanged: somebody else changed it at the same time.
    """
    refuse_shared(heading, account, kind)
    rows = PostingRule.objects.filter(heading=heading, source_kind=kind)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    with refusing(RULES):
        row = new_rule(heading, account, last + 1, by=by, at=at, kind=kind)
        row.save(force_insert=True)
    subject = account or selectors.account_for(heading)
    names = {code: name for code, name, _kind in CHART}
    record(events.RULE_CHANGED, subject, by=by, at=at, words={"heading": names[heading]})
    return row


def refuse_shared(heading: str, account: Account | None, kind: str) -> None:
    """Refuse an account that a heading must not share."""
    if heading in CONTROLLED and kind:
        raise OwnAccount
    if account is None:
        return
    others = {
        row.heading
        for row in selectors.current_rules()
        if row.account_id == account.pk and row.heading != heading
    }
    if others and (heading in CONTROLLED or others & CONTROLLED):
        raise OwnAccount


@transaction.atomic
def import_chart(
    rows: Sequence[ChartRow], headings: Mapping[str, str], *, by: Actor, at: datetime
) -> int:
    """Take over a published chart, all or nothing: its accounts, and where the headings post.

    `headings` names the code of an account for each heading. Accounts of before that are not in the
    file, have no postings and are posted to no more are retired. Returns how many accounts came.
    """
    known = {row.code: row for row in Account.objects.all()}
    for row in in_order(rows):
        fields = fields_of(row, known)
        account = known.get(row.code)
        if account is None:
            with refusing(TREE):
                known[row.code] = Account.objects.create(code=row.code, **fields)
        else:
            with refusing(TREE):
                write_version(account, fields)
    for heading, code in headings.items():
        if selectors.account_for(heading).pk != known[code].pk:
            set_rule(heading, known[code], by=by, at=at)
    retire_unused({row.code for row in rows})
    organization = by_organization()
    record(events.CHART_IMPORTED, organization, by=by, at=at, words={"count": len(rows)})
    return len(rows)


def by_organization() -> Any:
    """The organization whose chart it is."""
    return selectors.organization()


def fields_of(row: ChartRow, known: Mapping[str, Account]) -> dict[str, Any]:
    """What an account of a file becomes."""
    return {
        "name": row.name[:120],
        "kind": row.kind,
        "parent": known.get(row.parent),
        "cash_flow": row.cash_flow or "operating",
        "tax": row.tax,
        "active": True,
    }


def retire_unused(kept: Iterable[str]) -> None:
    """Retire accounts that a new chart doesn't name, that nothing was posted to and nothing will be."""
    posted = {row.account_id for row in selectors.current_rules()}
    used = set(Balance.objects.values_list("account_id", flat=True))
    for row in Account.objects.filter(active=True).exclude(code__in=list(kept)):
        if row.pk not in posted and row.pk not in used:
            write_version(row, {"active": False})
