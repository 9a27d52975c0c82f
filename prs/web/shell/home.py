"""What a person's day starts with: what waits for them, by what they may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prs.kernel import clock
from prs.kernel.activity.models import Notification
from prs.kernel.activity.selectors import notifications_of
from prs.kernel.identity.models import Member
from prs.kernel.identity.permissions import EDIT_ORGANIZATION
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.rules import remaining_steps
from prs.masterdata.parties import selectors as customers
from prs.operations.deals import permissions as deal_rights
from prs.operations.incentives import selectors as incentives
from prs.operations.invoicing import permissions as invoice_rights
from prs.operations.invoicing import selectors as invoices
from prs.operations.payments import permissions as payment_rights
from prs.operations.payments import selectors as payments
from prs.operations.payments.models import Payment
from prs.web.shell.counts import MOST

SEVERAL = 6


@dataclass(frozen=True)
class Waiting:
    """Something that waits for this person: how much of it, and where it is done."""

    icon: str
    meaning: str
    text: str
    action: str
    url: str


@dataclass(frozen=True)
class Step:
    """One of the first steps of an organization."""

    label: str
    text: str
    url: str
    done: bool


@dataclass(frozen=True)
class Desk:
    """Everything the home page shows."""

    greeting: str
    day: str
    waiting: list[Waiting]
    steps: list[Step]
    news: list[Notification]


def desk(member: Member, *, at: datetime) -> Desk:
    """A member's desk at a moment."""
    hour = local_hour(member, at)
    return Desk(
        greeting=greeting(hour) % {"name": member.name.split()[0] if member.name else ""},
        day="",
        waiting=[each for find in WAITING for each in find(member, at)],
        steps=steps(member),
        news=list(notifications_of(member.pk)[:SEVERAL]),
    )


def local_hour(member: Member, at: datetime) -> int:
    """The hour on a member's own clock."""
    zone = member.user.time_zone or member.organization.time_zone
    return clock.local_time(at, zone).hour


def greeting(hour: int) -> str:
    """How one says hello at this hour."""
    if hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")


def address(name: str, query: str = "") -> str:
    """The address of a screen; empty while there is none."""
    try:
        return reverse(name) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


def capped(rows: Any) -> int:
    """How many rows, counted up to a hundred."""
    return int(rows.order_by().values("pk")[: MOST + 1].count())


def to_verify(member: Member, at: datetime) -> list[Waiting]:
    """Payments of others that this member may decide."""
    count = capped(payments.free_for(member, at=at)) if member.may(payment_rights.VERIFY) else 0
    if not count:
        return []
    text = ngettext("%(count)s payment waits for proof", "%(count)s payments wait for proof", count)
    words = {"count": f"{MOST}+" if count > MOST else count}
    url = address("verify:queue")
    return [Waiting("shield-check", "waiting", text % words, _("Verify payments"), url)]


def asked_back(member: Member, at: datetime) -> list[Waiting]:
    """Payments of this member about which a verifier asks."""
    if not member.may(payment_rights.RECORD):
        return []
    own = Payment.objects.filter(recorded_by=member, status=Payment.Status.ASKED)
    count = capped(own)
    if not count:
        return []
    text = ngettext(
        "A verifier asks about one of your payments",
        "%(count)s of your payments have questions",
        count,
    )
    url = address("billing:payments", "status=asked")
    return [Waiting("message-question", "attention", text % {"count": count}, _("Answer"), url)]


def overdue(member: Member, at: datetime) -> list[Waiting]:
    """Invoices in this member's reach that are past their day."""
    if not member.may(invoice_rights.VIEW):
        return []
    today = clock.local_date(at, member.organization.time_zone)
    late = invoices.overdue(invoices.visible_to(member), on=today)
    count = capped(late)
    if not count:
        return []
    text = ngettext("%(count)s invoice is overdue", "%(count)s invoices are overdue", count)
    words = {"count": f"{MOST}+" if count > MOST else count}
    url = address("billing:invoices", "state=overdue")
    return [Waiting("alert-triangle", "attention", text % words, _("Show them"), url)]


def own_goal(member: Member, at: datetime) -> list[Waiting]:
    """Whoever sells is asked for an own goal: twice it can be put off."""
    today = clock.local_date(at, member.organization.time_zone)
    if incentives.goal_prompt(member, on=today) is None:
        return []
    text = _("What do you want to reach this month?")
    return [Waiting("target", "waiting", text, _("Set my goal"), address("sales:own_goal"))]


def sells(member: Member) -> bool:
    """Whether a member's day goes on at the dashboard of selling."""
    return member.may(deal_rights.EDIT) and member.may(deal_rights.VIEW)


def goal_is_due(member: Member, *, at: datetime) -> bool:
    """Whether somebody who sells put the own goal off twice and chooses one first now."""
    today = clock.local_date(at, member.organization.time_zone)
    prompt = incentives.goal_prompt(member, on=today)
    return prompt is not None and prompt.required


WAITING: tuple[Callable[[Member, datetime], list[Waiting]], ...] = (
    own_goal,
    to_verify,
    asked_back,
    overdue,
)


def steps(member: Member) -> list[Step]:
    """The first steps of an organization, for those who set it up, until all are done."""
    organization = member.organization
    if not member.may(EDIT_ORGANIZATION):
        return []
    has_payment = payments.visible_to(member).exists()
    if has_payment and organization.setup_step == "done":
        return []
    found = [*office_steps(organization), *walk_steps(member, has_payment=has_payment)]
    return [] if all(step.done for step in found) else [step for step in found if step.url]


def office_steps(organization: Organization) -> list[Step]:
    """What the short set-up asks for, each step done once it is behind."""
    ahead = remaining_steps(organization.setup_step)
    words = {
        "profile": (
            _("Tell us about your business"),
            _("Name, address and logo stand on every invoice."),
        ),
        "money": (
            _("Choose country and currency"),
            _("They set how days, numbers and money are written."),
        ),
        "people": (
            _("Invite a colleague"),
            _("Whoever records a payment can't be the one who verifies it."),
        ),
        "places": (_("Add your branches"), _("Only if you work in several places.")),
    }
    return [
        Step(label, text, reverse("office:start", args=[step]), step not in ahead)
        for step, (label, text) in words.items()
    ]


def walk_steps(member: Member, *, has_payment: bool) -> list[Step]:
    """From the first customer to the first payment."""
    return [
        Step(
            _("Add a customer"),
            _("Whoever owes you money, a person or a company."),
            address("sales:customers"),
            customers.visible_to(member).exists(),
        ),
        Step(
            _("Issue an invoice"),
            _("By hand, or sent in by another system."),
            address("billing:invoices"),
            invoices.visible_to(member).exists(),
        ),
        Step(
            _("Record a payment"),
            _("Somebody else verifies it, and the invoice is settled."),
            address("billing:payments"),
            has_payment,
        ),
    ]
