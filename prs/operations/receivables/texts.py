"""What reminders say: the standard texts, an organization's own, and a letter with its claim filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from prs.kernel import documents, money
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import Stale, write_version
from prs.kernel.errors import Invalid
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.receipts import addressee, issuer_of
from prs.operations.receivables import events
from prs.operations.receivables.models import Reminder, ReminderText
from prs.operations.receivables.rules import PLACEHOLDERS, filled, missing_in, unknown_in


class UnknownPlaceholder(Invalid):
    """Something in braces that nothing stands for."""

    sentence = _("Nothing is known that stands for {names}. Use one of the placeholders below.")


class PlaceholderMissing(Invalid):
    """A reminder says how much is owed, and for what."""

    sentence = _("The text must name {names}.")


@dataclass(frozen=True)
class Text:
    """Subject and body of a reminder, with placeholders. `own` is the row of an organization's own."""

    tone: str
    subject: str
    body: str
    own: ReminderText | None = None

    @property
    def version(self) -> int:
        """What a change of it must have read; 0 while it is the standard text."""
        return self.own.version if self.own else 0


def standard(tone: str, organization: Organization) -> Text:
    """The standard text of a tone, in the organization's language."""
    names = {name: f"{{{name}}}" for name in PLACEHOLDERS}
    with translation.override(organization.language):
        subject, body = {
            Reminder.Tone.FRIENDLY: (
                gettext("Invoice %(number)s from %(organization)s"),
                gettext(
                    "Dear %(customer)s,\n\n%(amount)s of invoice %(number)s is due on %(due)s. If you "
                    "have paid already, thank you: nothing more is needed."
                ),
            ),
            Reminder.Tone.FIRM: (
                gettext("Overdue: invoice %(number)s from %(organization)s"),
                gettext(
                    "Dear %(customer)s,\n\n%(amount)s of invoice %(number)s was due on %(due)s, "
                    "%(late)s ago. Please pay it, or tell us when you will."
                ),
            ),
            Reminder.Tone.LAST: (
                gettext("Last reminder: invoice %(number)s from %(organization)s"),
                gettext(
                    "Dear %(customer)s,\n\n%(amount)s of invoice %(number)s has been overdue for "
                    "%(late)s. Pay it within a week, or call us: after that we stop further credit "
                    "and hand the claim to collection."
                ),
            ),
        }[Reminder.Tone(tone)]
    return Text(tone, subject % names, body % names)


def text_of(tone: str, organization: Organization) -> Text:
    """What a reminder of a tone says: the organization's own words, else the standard ones."""
    row = ReminderText.objects.filter(tone=tone).first()
    if row is None:
        return standard(tone, organization)
    return Text(tone, row.subject, row.body, row)


def words_of(invoice: Invoice, *, days: int, organization: Organization) -> dict[str, str]:
    """What the placeholders stand for in a reminder of an invoice that is so many days late."""
    with translation.override(organization.language):
        return {
            "number": invoice.number,
            "organization": organization.name,
            "customer": invoice.customer.name,
            "amount": money.spoken(money.Money(invoice.currency, invoice.left)),
            "due": invoice.due_date.isoformat(),
            "late": ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
        }


def example(organization: Organization, *, today: date) -> dict[str, str]:
    """What the placeholders stand for in a preview."""
    with translation.override(organization.language):
        days = 12
        return {
            "number": f"INV-{today.year}-0042",
            "organization": organization.name,
            "customer": gettext("Example customer"),
            "amount": money.spoken(money.Money(organization.currency, Decimal("1234.50"))),
            "due": (today - timedelta(days=days)).isoformat(),
            "late": ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
        }


def written(text: Text, words: Mapping[str, str], organization: Organization) -> tuple[str, str]:
    """Subject and body as they go out, with how to pay and who asks."""
    parts = [filled(text.body, words), organization.payment_instructions, organization.name]
    return filled(text.subject, words), "\n\n".join(part for part in parts if part)


def letter(
    invoice: Invoice, tone: str, *, days: int, organization: Organization
) -> tuple[str, str]:
    """Subject and body of a reminder, in the organization's words."""
    words = words_of(invoice, days=days, organization=organization)
    return written(text_of(tone, organization), words, organization)


def sheet_of(
    invoice: Invoice, tone: str, *, organization: Organization, on: date
) -> documents.LetterSheet:
    """The same reminder as a letter on paper."""
    language, days = organization.language, max((on - invoice.due_date).days, 0)
    subject, body = letter(invoice, tone, days=days, organization=organization)
    locale = money.locale_of(language)
    paper = organization.settings.get("receipt", {}).get("paperSize")
    with translation.override(language):
        due = format_date(invoice.due_date, "medium", locale=locale)
        return documents.LetterSheet(
            issuer=issuer_of(organization),
            customer=addressee(invoice.customer),
            number=invoice.number,
            date=format_date(on, "medium", locale=locale),
            currency=invoice.currency,
            left=money.formatted(money.Money(invoice.currency, invoice.left), language),
            subject=subject,
            paragraphs=tuple(part for part in body.split("\n\n") if part.strip()),
            facts=(documents.Fact(label=gettext("Due"), text=due),),
            paper="letter" if paper == "letter" else "A4",
        )


def require_sound(subject: str, body: str) -> None:
    """Refuse a text that names what nothing stands for, or doesn't name the claim.

    :raises UnknownPlaceholder: something else stands in braces.
    :raises PlaceholderMissing: how much or which invoice is not named.
    """
    unknown = unknown_in(f"{subject}\n{body}")
    if unknown:
        raise UnknownPlaceholder(names=", ".join(f"{{{name}}}" for name in unknown))
    missing = missing_in(subject, body)
    if missing:
        raise PlaceholderMissing(names=", ".join(f"{{{name}}}" for name in missing))


@transaction.atomic
def change(
    tone: str, *, subject: str, body: str, version: int, by: Member, at: datetime
) -> ReminderText:
    """Say a reminder in the organization's own words. `version` is that of the text that was read.

    :raises UnknownPlaceholder, PlaceholderMissing: it can't be filled in.
    :raises Stale: somebody changed it meanwhile.
    """
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    require_sound(subject, body)
    fields = {"subject": subject, "body": body}
    who = {"changed_by": by, "changed_at": at}
    row = ReminderText.objects.filter(tone=tone).first()
    if row is None:
        if version:
            raise Stale
        with refusing({"reminder_text_one_per_tone": Stale}):
            row = ReminderText.objects.create(tone=tone, **fields, **who)
        before = {}
    else:
        row.version = version
        before = write_version(row, {**fields, **who})
    record(
        events.TEXT_CHANGED,
        row,
        by=by,
        at=at,
        words={"tone": row.get_tone_display()},
        before={name: before[name] for name in fields if name in before},
        after=fields,
    )
    return row


@transaction.atomic
def reset(tone: str, *, by: Member, at: datetime) -> None:
    """Go back to the standard text. Twice is once."""
    row = ReminderText.objects.select_for_update(of=("self",)).filter(tone=tone).first()
    if row is None:
        return
    record(
        events.TEXT_RESET,
        row,
        by=by,
        at=at,
        words={"tone": row.get_tone_display()},
        before={"subject": row.subject, "body": row.body},
    )
    row.delete()
