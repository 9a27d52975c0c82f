"""Forms of deals: closing one with its first payment, changing it, paying it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import colleagues
from prs.operations.deals import selectors
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.deals.rules import LARGEST_VALUE
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.services import PaymentDraft
from prs.web.kit.fields import DayField, MoneyField, ProofField
from prs.web.kit.forms import EditForm
from prs.web.kit.proofs import KeepsProof

CENT = Decimal("0.01")
# Every method, after an empty line: which one it was is never guessed.
METHODS: tuple[tuple[str, Any], ...] = (("", "—"), *Payment.Method.choices)
NOT_YET, PART, ALL = "none", "part", "all"


def currency_choices() -> list[tuple[str, str]]:
    """Every currency by its code and its name in the reader's language."""
    language = get_language() or "en"
    return [
        (code, f"{code} · {money.currency_name(code, language)}") for code in money.currencies()
    ]


class DealForm(EditForm):
    """A deal's own fields. `member` decides which customers, projects and people stand to choose."""

    taken: ClassVar = {
        deals.ValueOutOfRange: "value",
        deals.ValueTooLow: "value",
        deals.DueBeforeDeal: "due_date",
        deals.CustomerFixed: "customer",
        deals.CurrencyFixed: "currency",
    }
    value = MoneyField(label=_("Value"), min_value=CENT, max_value=LARGEST_VALUE)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    rate = MoneyField(
        label=_("Exchange rate"),
        required=False,
        min_value=Decimal("0.00000001"),
        max_value=Decimal(10_000),
        max_digits=18,
        decimal_places=8,
    )
    deal_date = DayField(label=_("Date"))
    due_date = DayField(
        label=_("Due"), required=False, help_text=_("When all of it should have been paid.")
    )
    cost = MoneyField(
        label=_("Expected cost"),
        required=False,
        min_value=0,
        help_text=_("The margin follows from it. Customers never see it."),
    )

    class Meta:
        model = Deal
        fields = (
            "customer",
            "name",
            "value",
            "currency",
            "rate",
            "deal_date",
            "due_date",
            "source",
            "project",
            "salesperson",
            "cost",
            "remarks",
        )
        widgets: ClassVar = {"remarks": forms.Textarea(attrs={"rows": 2})}

    def __init__(
        self, *args: Any, member: Member | None = None, customers: Any = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        # Without a member it only says what a row holds, to be compared with.
        self.home = member.organization.currency if member else ""
        written = self.data.get("currency") if self.is_bound else ""
        currency = written or self.instance.currency or self.home
        for name in ("value", "cost"):
            cast("MoneyField", self.fields[name]).currency = currency
        adding = self.instance._state.adding
        rate = None if adding else format(self.instance.rate.normalize(), "f")
        self.initial["rate"] = rate
        self.fields["rate"].help_text = _("How many %(home)s one unit of the currency is.") % {
            "home": self.home
        }
        if member is not None:
            self.offer("customer", customers)
            self.offer("project", selectors.projects_visible_to(member).order_by("name", "pk"))
            self.offer_salespeople(member)

    def offer(self, name: str, rows: Any) -> None:
        """Let a field choose among rows; the row that is chosen already stays among them."""
        field = cast("forms.ModelChoiceField[Any]", self.fields[name])
        chosen = getattr(self.instance, f"{name}_id")
        if chosen and not rows.filter(pk=chosen).exists():
            rows = field.queryset.filter(pk=chosen)  # type: ignore[union-attr]
        field.queryset = rows

    def offer_salespeople(self, member: Member) -> None:
        """Whoever sees only their own rows closes deals of their own."""
        reach = colleagues(member)
        people = Member.objects.filter(active=True).order_by("name", "pk")
        if reach is not None:
            people = people.filter(pk__in=reach)
        self.fields["salesperson"].required = False
        if people.count() > 1:
            self.offer("salesperson", people)
        else:
            del self.fields["salesperson"]

    def fix_currency(self) -> None:
        """Payments are in the deal's currency, so it stays once there are any."""
        del self.fields["rate"]
        self.fields["currency"].disabled = True
        self.fields["currency"].help_text = _("Payments are recorded in it, so it stays.")

    @property
    def changed(self) -> dict[str, Any]:
        # The rate follows from the currency when that becomes the organization's own.
        found = super().changed
        return found | ({"rate": self.cleaned_data["rate"]} if "currency" in found else {})

    def clean_salesperson(self) -> Member | None:
        """A deal always has one: the box left empty keeps who it was."""
        chosen: Member | None = self.cleaned_data["salesperson"]
        if chosen is None and self.instance.salesperson_id:
            return cast("Member", self.instance.salesperson)
        return chosen

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        due, dated = data.get("due_date"), data.get("deal_date")
        if due and dated and due < dated:
            self.add_error("due_date", _("The deal can't be due before its date."))
        if "rate" not in self.fields:
            return data
        if data.get("currency") == self.home:
            data["rate"] = Decimal(1)
        elif not data.get("rate") and "rate" not in self.errors:
            self.add_error("rate", _("Say how many %(home)s one unit is.") % {"home": self.home})
        return data


class AddDealForm(DealForm):
    """A deal that is closed now. A new customer needs only a name here."""

    new_customer = forms.CharField(
        label=_("Or a new customer"),
        max_length=200,
        required=False,
        help_text=_("Write the name; the rest can wait."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer"].required = False

    @property
    def values(self) -> dict[str, Any]:
        return {name: v for name, v in super().values.items() if name != "new_customer"}

    @property
    def named(self) -> str:
        """The name of a customer who is new."""
        return str(self.cleaned_data["new_customer"]).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("customer")) == bool((data.get("new_customer") or "").strip()):
            self.add_error("customer", _("Choose a customer, or name a new one."))
        return data


class MoneyForm(KeepsProof):
    """Money of a deal as somebody claims it."""

    amount = MoneyField(label=_("Amount"), min_value=CENT)
    method = forms.ChoiceField(label=_("Method"), choices=METHODS)
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
        help_text=_("Needed above 10,000, so that a verifier understands."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    over = forms.BooleanField(label=_("Yes, the rest becomes credit"), required=False)
    refused: ClassVar[dict[type[Refusal], str]] = {
        payments.DateWrong: "paid_on",
        payments.ProofMissing: "proof",
        payments.RemarksMissing: "remarks",
        payments.ChequeNumberWrong: "cheque_number",
        payments.ChequeKnown: "cheque_number",
        payments.FinalFallsShort: "amount",
        payments.CoversAll: "amount",
    }

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.too_much: money.Money | None = None
        cast("MoneyField", self.fields["amount"]).currency = currency

    def agreed(self, left: Decimal, currency: str, customer: str) -> bool:
        """Whether the amount fits what is left, or whoever wrote it knows what becomes of the rest."""
        rest = self.cleaned_data["amount"] - left
        if rest <= 0 or self.cleaned_data["over"]:
            return True
        self.too_much = money.Money(currency, rest)
        words = {
            "rest": money.spoken(self.too_much),
            "customer": customer,
            "left": money.spoken(money.Money(currency, left)),
        }
        sentence = _(
            "The deal has %(left)s left. %(rest)s becomes credit of %(customer)s. "
            "Tick the box below if that is right."
        )
        self.add_error("amount", sentence % words)
        return False

    def draft(self, customer: Customer, currency: str) -> PaymentDraft:
        """The payment as the domain takes it."""
        data = self.cleaned_data
        return PaymentDraft(
            customer=customer,
            amount=data["amount"],
            currency=currency,
            method=data["method"],
            paid_on=data["paid_on"],
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


class FirstPaymentForm(MoneyForm):
    """The payment that comes with a new deal, if one does."""

    kind = forms.ChoiceField(
        label=_("What was paid already?"),
        choices=[(NOT_YET, _("Nothing yet")), (PART, _("A part")), (ALL, _("All of it"))],
        initial=NOT_YET,
        widget=forms.RadioSelect,
    )
    field_order = ("kind",)
    prefix = "first"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["remarks"].help_text = _("How the money came, for whoever verifies it.")
        self.fields["amount"].help_text = _("Left empty when all was paid, it is the deal's value.")
        for name in ("amount", "method", "paid_on"):
            self.fields[name].required = False

    @property
    def came(self) -> bool:
        """Whether money came with the deal."""
        return bool(self.cleaned_data["kind"] != NOT_YET)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") in {None, NOT_YET}:
            # What was typed before somebody chose “nothing yet” is no fault.
            for name in [name for name in self.errors if name != "kind"]:
                del self.errors[name]
            return data
        needed = {
            "method": _("Say how it was paid."),
            "paid_on": _("Say when it was paid."),
            "remarks": _("Say how the money came, so that a verifier understands."),
        }
        for name, sentence in needed.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if data["kind"] == PART and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Say how much was paid."))
        return data

    def fits(self, value: Decimal, currency: str, customer: str) -> bool:
        """Whether a part is less than the deal's value, and all of it is all."""
        data = self.cleaned_data
        if data["kind"] == ALL:
            data["amount"] = data.get("amount") or value
            if data["amount"] < value:
                self.add_error("amount", _("This is less than the deal's value: choose “A part”."))
                return False
            return self.agreed(value, currency, customer)
        if data["amount"] >= value:
            self.add_error("amount", _("This pays the whole deal: choose “All of it”."))
            return False
        return True


class CreditForm(forms.Form):
    """How much of a customer's credit a deal takes."""

    amount = MoneyField(label=_("Amount"), min_value=CENT)

    def __init__(self, *args: Any, currency: str, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"amount": most}, **options})
        field = cast("MoneyField", self.fields["amount"])
        field.currency = currency
        words = {"most": money.spoken(money.Money(currency, most))}
        field.help_text = _("At most %(most)s.") % words


class DealNoteForm(forms.Form):
    """A line of the activity log."""

    text = forms.CharField(
        label=_("Note"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CallOffForm(forms.Form):
    """Why there is no deal any more."""

    reason = forms.CharField(
        label=_("Why is it called off?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
