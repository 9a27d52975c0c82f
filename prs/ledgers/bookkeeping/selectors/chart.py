"""Reads of the chart of accounts and of the posting rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping.models import Account, Balance, PostingRule
from prs.ledgers.bookkeeping.rules import DEBIT_NORMAL


def organization() -> Organization:
    """The organization whose books these are."""
    return Organization.objects.get(pk=required_organization())


def accounts() -> QuerySet[Account]:
    """The chart of accounts, in the order of codes."""
    return Account.objects.order_by("code")


def leaves() -> QuerySet[Account]:
    """Accounts that take lines: in use, without sub-accounts."""
    heads = Account.objects.filter(parent__isnull=False).values("parent_id")
    return accounts().filter(active=True).exclude(pk__in=heads)


@dataclass(frozen=True)
class Branch:
    """An account in the tree: how deep, whether others are part of it, and what posts to it."""

    account: Account
    depth: int
    heads: bool
    headings: tuple[str, ...]
    net: Decimal | None

    @property
    def shown(self) -> Decimal | None:
        """The balance as the account's kind reads it."""
        if self.net is None or self.account.kind in DEBIT_NORMAL:
            return self.net
        return -self.net


def tree() -> list[Branch]:
    """The whole chart, what is part of an account below it, with the balance of each."""
    rows = list(accounts().select_related("parent"))
    below: dict[UUID | None, list[Account]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    posted: dict[UUID | None, list[str]] = {}
    for rule in current_rules():
        posted.setdefault(rule.account_id, []).append(rule.heading)
    nets = nets_of_all_time()
    found: list[Branch] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for row in below.get(parent, ()):
            heads = row.pk in below
            headings = tuple(sorted(set(posted.get(row.pk, ()))))
            found.append(Branch(row, depth, heads, headings, nets.get(row.pk)))
            walk(row.pk, depth + 1)

    walk(None, 0)
    return found


def nets_of_all_time() -> dict[UUID, Decimal]:
    """Debits less credits of each account, from the kept sums."""
    rows = Balance.objects.values_list("account_id").annotate(net=Sum(F("debit") - F("credit")))
    return dict(rows.order_by())


def current_rules() -> list[PostingRule]:
    """The newest rule of each heading and kind, those that give back left out."""
    rows = (
        PostingRule.objects.select_related("account")
        .order_by("heading", "source_kind", "-number")
        .distinct("heading", "source_kind")
    )
    return [row for row in rows if row.account_id is not None]


def rules_of(heading: str) -> QuerySet[PostingRule]:
    """Every rule that a heading ever had, newest first."""
    rows = PostingRule.objects.filter(heading=heading).select_related("account")
    return rows.order_by("-at", "-number", "-pk")


def account_for(heading: str, kind: str = "") -> Account:
    """Where a heading posts now.

    :raises Account.DoesNotExist: nowhere.
    """
    by_kind = {row.source_kind: row.account for row in current_rules() if row.heading == heading}
    found = by_kind.get(kind) or by_kind.get("")
    return found or Account.objects.get(code=heading)


def account_ids(headings: Iterable[str]) -> list[UUID]:
    """The accounts that headings post to or ever did."""
    codes = list(headings)
    ruled: dict[str, set[UUID]] = {}
    for code, account_id in PostingRule.objects.filter(
        heading__in=codes, account__isnull=False
    ).values_list("heading", "account_id"):
        ruled.setdefault(code, set()).add(account_id)
    found = set().union(*ruled.values()) if ruled else set()
    plain = [code for code in codes if code not in ruled]
    if plain:
        found |= set(Account.objects.filter(code__in=plain).values_list("pk", flat=True))
    return sorted(found)


def below(account: Account, rows: Sequence[Account] | None = None) -> list[UUID]:
    """An account and everything that is part of it."""
    parents = [(row.pk, row.parent_id) for row in (rows if rows is not None else accounts())]
    found = [account.pk]
    for pk in found:
        found += [child for child, parent in parents if parent == pk]
    return found
