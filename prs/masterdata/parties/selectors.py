"""Reads of customers and suppliers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from prs.kernel.identity.models import Member
from prs.masterdata.parties.models import (
    Address,
    Contact,
    Customer,
    CustomerImport,
    CustomerTag,
    Distinct,
    Feedback,
    Merge,
    Note,
    Supplier,
    Tag,
)
from prs.masterdata.parties.rules import alike_pairs
from prs.masterdata.places.selectors import colleagues

MOST_PAIRS: Final = 200
SALT: Final = "prs.feedback"


def visible_to(member: Member) -> QuerySet[Customer]:
    """The customers that a member's row scope reaches: those of the salespeople in it."""
    customers = Customer.objects.select_related("salesperson")
    reach = colleagues(member)
    return customers if reach is None else customers.filter(salesperson__in=reach)


def listed(member: Member) -> QuerySet[Customer]:
    """The customers that a member chooses from: without those that are another's second name."""
    return visible_to(member).filter(merged_into__isnull=True)


def walk_in() -> Customer | None:
    """The customer of those who pay at the counter and leave no name."""
    found: Customer | None = Customer.everyone.filter(is_walk_in=True).first()
    return found


# --- merged customers ---------------------------------------------------------------------------


def family(customer: Customer) -> list[UUID]:
    """The ids whose rows make up a customer's account: its own and those merged into it."""
    root = customer.merged_into_id or customer.pk
    others = Customer.everyone.filter(merged_into=root).order_by("pk")
    return [root, *others.values_list("pk", flat=True)]


def merges_of(customer: Customer) -> QuerySet[Merge]:
    """What was merged into a customer and still is, newest first."""
    rows = Merge.objects.filter(kept=customer, undone_at__isnull=True)
    return rows.select_related("merged", "by").order_by("-at", "-pk")


# --- what belongs to a customer -----------------------------------------------------------------


def contacts_of(customer: Customer) -> QuerySet[Contact]:
    """The people at a customer, whom to talk to first; those of merged customers too."""
    rows = Contact.objects.filter(customer__in=family(customer)).select_related("customer")
    return rows.order_by("-is_primary", "-is_billing", "first_name", "pk")


def addresses_of(customer: Customer) -> QuerySet[Address]:
    """The places of a customer, those that are used first before the others."""
    rows = Address.objects.filter(customer__in=family(customer)).select_related("customer")
    return rows.order_by("kind", "-is_default", "label", "pk")


def tags_of(customer: Customer) -> QuerySet[Tag]:
    """The tags of a customer, by name."""
    marked = CustomerTag.objects.filter(customer__in=family(customer)).values("tag")
    return Tag.objects.filter(pk__in=marked).order_by("name", "pk")


def tags() -> QuerySet[Tag]:
    """Every tag, by name."""
    return Tag.objects.order_by("name", "pk")


def tagged(customers: QuerySet[Customer], tag: Tag) -> QuerySet[Customer]:
    """Customers with a tag."""
    return customers.filter(pk__in=CustomerTag.objects.filter(tag=tag).values("customer"))


def notes_of(customer: Customer) -> QuerySet[Note]:
    """What members wrote down, newest first."""
    rows = Note.objects.filter(customer__in=family(customer)).select_related("by")
    return rows.order_by("-at", "-pk")


def contact_for_invoices(customer: Customer) -> Contact | None:
    """The person who gets the invoices, else the one to talk to."""
    rows = Contact.objects.filter(customer=customer)
    return rows.order_by("-is_billing", "-is_primary", "pk").first()


def contacts_for(member: Member) -> QuerySet[Contact]:
    """The people at the customers that a member may change."""
    rows = Contact.objects.filter(customer__in=listed(member).values("pk"))
    return rows.select_related("customer")


def addresses_for(member: Member) -> QuerySet[Address]:
    """The places of the customers that a member may change."""
    rows = Address.objects.filter(customer__in=listed(member).values("pk"))
    return rows.select_related("customer")


def tags_named(customer: Customer, text: str) -> Tag | None:
    """The tag of a customer whose id came as text."""
    return next((tag for tag in tags_of(customer) if str(tag.pk) == text), None)


def by_words(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Customers whose name, code or e-mail holds a text."""
    holds = Q(name__icontains=text) | Q(code__iexact=text) | Q(email__iexact=text)
    return customers.filter(holds).order_by("name", "pk")


# --- feedback -----------------------------------------------------------------------------------


def feedback_of(customer: Customer) -> QuerySet[Feedback]:
    """A customer's answers, newest first."""
    rows = Feedback.objects.filter(customer__in=family(customer), answered_at__isnull=False)
    return rows.order_by("-answered_at", "-pk")


def asked_feedback(pk: UUID) -> Feedback | None:
    """A question that was asked, with whom it is about."""
    rows = Feedback.objects.select_related("customer", "organization")
    found: Feedback | None = rows.filter(pk=pk).first()
    return found


def token_of(row: Feedback) -> str:
    """What stands in the link of a question: signed, so that nobody answers for somebody else."""
    return signing.dumps([str(row.organization_id), str(row.pk)], salt=SALT)


def read_token(token: str) -> tuple[UUID, UUID] | None:
    """The organization and the question that a link names; None when it was made up."""
    try:
        organization_id, feedback_id = signing.loads(token, salt=SALT)
        return UUID(organization_id), UUID(feedback_id)
    except (signing.BadSignature, ValueError):
        return None


# --- duplicates ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likeness:
    """Two customers that may be one, and in what they are alike. The older stands first."""

    one: Customer
    other: Customer
    reasons: tuple[str, ...]


@dataclass
class Pairs:
    """Pairs of ids with the reasons why they may be one."""

    reasons: dict[tuple[UUID, UUID], list[str]] = field(default_factory=dict)

    def add(self, ids: Iterable[UUID], reason: str) -> None:
        """Note that customers are alike, each with the first of them."""
        first, *others = sorted(ids)
        for other in others:
            self.reasons.setdefault((first, other), []).append(reason)


def shared(customers: QuerySet[Customer], name: str) -> Iterator[list[UUID]]:
    """Groups of customers with the same value in a field."""
    named = customers.exclude(**{name: ""})
    values = (
        named.order_by(name)
        .values(name)
        .annotate(rows=Count("pk"))
        .filter(rows__gt=1)
        .values_list(name, flat=True)[:MOST_PAIRS]
    )
    rows = named.filter(**{f"{name}__in": list(values)}).order_by(name, "pk")
    groups: dict[str, list[UUID]] = {}
    for pk, value in rows.values_list("pk", name):
        groups.setdefault(value, []).append(pk)
    yield from groups.values()


def duplicates(member: Member, *, of: Customer | None = None) -> list[Likeness]:
    """Customers that may be entered twice, as far as the member sees both; the surest first.

    Pairs that somebody told apart are left out.
    """
    customers = listed(member).select_related(None)
    pairs = Pairs()
    reasons = {"tax_id": _("same tax number"), "email": _("same e-mail"), "phone": _("same phone")}
    for name, reason in reasons.items():
        for group in shared(customers, name):
            pairs.add(group, reason)
    names = list(customers.order_by("name", "pk").values_list("pk", "name"))
    for one, other in alike_pairs(names):
        pairs.add((one, other), _("nearly the same name"))
    apart = set(Distinct.objects.values_list("one", "other"))
    kept = {
        pair: why
        for pair, why in pairs.reasons.items()
        if pair not in apart and (of is None or of.pk in pair)
    }
    surest = sorted(kept.items(), key=lambda each: (-len(each[1]), each[0]))[:MOST_PAIRS]
    rows = customers.select_related("salesperson").in_bulk(
        {pk for pair, _why in surest for pk in pair}
    )
    return [Likeness(rows[one], rows[other], tuple(why)) for (one, other), why in surest]


# --- imports ------------------------------------------------------------------------------------


def imports() -> QuerySet[CustomerImport]:
    """The files of customers that were brought, newest first."""
    rows = CustomerImport.objects.select_related("file", "created_by")
    return rows.order_by("-created_at", "-pk")


def findings() -> Iterator[str]:
    """What is wrong with the customers of the current organization."""
    stray = Customer.objects.filter(
        Q(merged_into__isnull=False)
        & ~Q(
            pk__in=Merge.objects.filter(
                undone_at__isnull=True, kept=F("merged__merged_into")
            ).values("merged")
        )
    )
    for name in stray.order_by("name").values_list("name", flat=True)[:1]:
        yield _("{name} is merged, and nothing says by whom.").format(name=name)


def known_by(fields: tuple[str, ...], values: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Customers by the values of fields: for each field, from its value to the row."""
    wanted = [value for value in values if value]
    found: dict[str, dict[str, Any]] = {}
    for name in fields:
        rows = Customer.objects.filter(**{f"{name}__in": wanted}).order_by("-pk")
        found[name] = {getattr(row, name): row for row in rows}
    return found


# --- suppliers ----------------------------------------------------------------------------------


def suppliers_visible_to(_member: Member) -> QuerySet[Supplier]:
    """Every supplier: they are the whole organization's."""
    rows: QuerySet[Supplier] = Supplier.objects.all()
    return rows


def suppliers_in_use() -> QuerySet[Supplier]:
    """The suppliers that one orders from, by name."""
    rows: QuerySet[Supplier] = Supplier.objects.filter(active=True).order_by("name", "pk")
    return rows
