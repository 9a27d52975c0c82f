"""Forms of invoices and payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.errors import Refusal
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import Share, shared_out
from prs.operations.payments.services import PaymentDraft
from prs.web.kit.fields import DayField, MoneyField, ProofField
from prs.web.kit.proofs import KeepsProof


class InvoiceForm(forms.Form):
    """The head of an invoice written by hand. A new customer needs only a name here."""

    customer: Any = forms.ModelChoiceField(label=_("Customer"), queryset=None, required=False)
    new_customer = forms.CharField(
        label=_("Or a new customer"),
        max_length=200,
        required=False,
        help_text=_("Write the name; the rest can wait."),
    )
    invoice_date = DayField(label=_("Invoice date"))
    due_date = DayField(
        label=_("Due"), required=False, help_text=_("Left empty, the customer's terms decide.")
    )
    remarks = forms.CharField(
        label=_("Remarks"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    override_reason = forms.CharField(
        label=_("Give credit all the same, because"),
        max_length=500,
        required=False,
        help_text=_("Only when the rules of credit refuse. Your name and the reason are kept."),
    )

    def __init__(
        self, *args: Any, customers: Any, may_override: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField[Customer]", self.fields["customer"]).queryset = customers
        if not may_override:
            del self.fields["override_reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("customer")) == bool(data.get("new_customer", "").strip()):
            self.add_error("customer", _("Choose a customer, or name a new one."))
        due, dated = data.get("due_date"), data.get("invoice_date")
        if due and dated and due < dated:
            self.add_error("due_date", _("An invoice can't be due before its date."))
        return data


class LineForm(forms.Form):
    """One line of an invoice."""

    description = forms.CharField(label=_("Description"), max_length=300)
    quantity = MoneyField(
        label=_("Quantity"), min_value=Decimal("0.001"), decimal_places=3, max_digits=14
    )
    unit_price = MoneyField(label=_("Price"), min_value=Decimal(0))
    tax_rate = MoneyField(
        label=_("Tax %"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=3,
        max_digits=6,
        required=False,
    )

    def draft(self) -> LineDraft:
        """The line as the domain takes it."""
        data = self.cleaned_data
        return LineDraft(
            data["description"],
            data["quantity"],
            data["unit_price"],
            data.get("tax_rate") or Decimal(0),
        )


class BaseLines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of an invoice; rows that were left empty don't count."""

    def drafts(self) -> list[LineDraft]:
        """The lines that were filled in."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.draft() for form in kept if form.has_changed()]


LineFormSet = forms.formset_factory(
    LineForm,
    formset=BaseLines,
    extra=2,
    min_num=1,
    validate_min=True,
    max_num=200,
    validate_max=True,
    can_delete=True,
)


class ReturnForm(forms.Form):
    """Why an invoice goes back."""

    reason = forms.CharField(
        label=_("What is wrong?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    """An answer to a verifier's question."""

    text = forms.CharField(
        label=_("Your answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    proof = ProofField(
        label=_("A better proof"),
        required=False,
        help_text=_("A picture or a PDF of at most 5 MB. It replaces the first one."),
    )


class WhyForm(forms.Form):
    """A step that needs nothing but its reason."""

    reason = forms.CharField(
        label=_("Why?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ChargebackForm(WhyForm):
    """The bank took money back."""

    proof = ProofField(
        label=_("The bank's letter"),
        required=False,
        help_text=_("A picture or a PDF of at most 5 MB."),
    )


class RefundForm(WhyForm):
    """How much of a payment should go back."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.01"))
    proof = ProofField(
        label=_("What shows why"),
        required=False,
        help_text=_("A picture or a PDF of at most 5 MB: the customer's letter, say."),
    )
    field_order = ("amount", "reason", "proof")

    def __init__(self, *args: Any, currency: str, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"amount": most}, **options})
        bound_amount(self, currency, most)


class CreditForm(forms.Form):
    """How much of an open invoice the customer's credit pays."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.01"))

    def __init__(self, *args: Any, currency: str, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"amount": most}, **options})
        bound_amount(self, currency, most)


class CreditNoteForm(WhyForm):
    """What of an open invoice is no longer claimed."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.01"))
    field_order = ("amount", "reason")

    def __init__(self, *args: Any, currency: str, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"amount": most}, **options})
        bound_amount(self, currency, most)


def bound_amount(form: forms.Form, currency: str, most: Decimal) -> None:
    """Say what the amount of a form may be at most."""
    field = cast("MoneyField", form.fields["amount"])
    field.currency = currency
    words = {"most": money.spoken(money.Money(currency, most))}
    field.help_text = _("At most %(most)s.") % words


class PaymentForm(KeepsProof):
    """A payment of one customer. Below it, each open invoice with what it gets of the money."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.0001"))
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method.choices)
    paid_on = DayField(label=_("Paid on"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        required=False,
        help_text=_("The transfer's number, as on the bank statement."),
    )
    cheque_number = forms.CharField(
        label=_("Cheque number"),
        max_length=20,
        required=False,
        help_text=_("For cheques only, 6 to 20 characters."),
    )
    proof = ProofField(
        label=_("Proof"),
        required=False,
        help_text=_("A picture or a PDF of at most 5 MB. Cash and card go without."),
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}
        ),
    )
    remarks = forms.CharField(
        label=_("Remarks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    refused: dict[type[Refusal], str] = {
        payments.DateWrong: "paid_on",
        payments.ProofMissing: "proof",
        payments.RemarksMissing: "remarks",
        payments.ChequeNumberWrong: "cheque_number",
        payments.ChequeKnown: "cheque_number",
        payments.MoreThanPaid: "amount",
    }

    def __init__(
        self, *args: Any, open_invoices: Sequence[Invoice], currency: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.open_invoices, self.currency = open_invoices, currency
        cast("MoneyField", self.fields["amount"]).currency = currency
        for invoice in open_invoices:
            self.fields[self.name_of(invoice)] = MoneyField(
                label=invoice.number,
                required=False,
                min_value=Decimal(0),
                max_value=invoice.left,
                currency=invoice.currency,
            )

    @staticmethod
    def name_of(invoice: Invoice) -> str:
        """The name of an invoice's field."""
        return f"pays_{invoice.pk.hex}"

    @property
    def head(self) -> list[Any]:
        """The fields about the money."""
        return [self[name] for name in self.fields if not name.startswith("pays_")]

    @property
    def rows(self) -> list[tuple[Invoice, Any]]:
        """The open invoices with their fields."""
        return [(invoice, self[self.name_of(invoice)]) for invoice in self.open_invoices]

    def shares(self) -> list[Share]:
        """What each invoice gets: what was typed, or else the earliest due first."""
        typed = [
            Share(invoice.pk, self.cleaned_data[self.name_of(invoice)])
            for invoice in self.open_invoices
            if self.cleaned_data.get(self.name_of(invoice))
        ]
        if typed:
            return typed
        left = [(invoice.pk, invoice.left) for invoice in self.open_invoices]
        return shared_out(self.cleaned_data["amount"], left)

    def draft(self, customer: Customer) -> PaymentDraft:
        """The payment as the domain takes it."""
        data = self.cleaned_data
        return PaymentDraft(
            customer=customer,
            amount=data["amount"],
            currency=self.currency,
            method=data["method"],
            paid_on=data["paid_on"],
            shares=self.shares(),
            reference=data["reference"].strip(),
            cheque_number=data["cheque_number"].strip(),
            remarks=data["remarks"].strip(),
            proof=data.get("proof"),
        )

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it is about."""
        field = self.refused.get(type(refusal))
        if field is None:
            raise refusal
        self.add_error(field, str(refusal))


def first_values(
    invoice: Invoice | None, today: date, before: Payment | None = None
) -> dict[str, Any]:
    """What a payment form opens with: what is left of an invoice, paid today; or a payment again."""
    if before is not None:
        names = ("amount", "method", "paid_on", "reference", "cheque_number", "remarks")
        return {name: getattr(before, name) for name in names}
    values: dict[str, Any] = {"paid_on": today, "method": Payment.Method.BANK}
    if invoice is not None:
        left = invoice.left
        values |= {"amount": left, PaymentForm.name_of(invoice): left}
    return values
