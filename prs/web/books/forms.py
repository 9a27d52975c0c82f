"""Forms of the books."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import selectors, services
from prs.ledgers.bookkeeping.selectors import CASH_FLOWS, EVERY, KINDS, MODES, TAXES
from prs.ledgers.bookkeeping.services import LineDraft, Written
from prs.masterdata.places.models import Branch
from prs.operations.deals.models import Project
from prs.web.books import naming
from prs.web.kit.fields import DayField, MoneyField, ProofField


class AccountField(forms.CharField):
    """An account, typed by its code or chosen from what the browser suggests: “1010 Bank”."""

    default_error_messages = {"unknown": _("No account in use has this code.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=140, **options)
        self.widget.attrs.update({"list": "accounts", "autocomplete": "off"})
        self.known: Mapping[str, Any] = {}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        code = text.split(" ", 1)[0]
        if code not in self.known:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return self.known[code]

    def prepare_value(self, value: Any) -> Any:
        return str(value) if hasattr(value, "pk") else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


class Refusing(forms.Form):
    """A form that shows a verb's refusals beside their fields."""

    taken: Mapping[type[Refusal], str] = {}

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal on its field; what belongs nowhere stands above."""
        field = self.taken.get(type(refusal))
        self.add_error(field if field in self.fields else None, str(refusal))


class AccountForm(Refusing):
    """An account of the chart."""

    code = forms.CharField(label=_("Code"), max_length=12)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    parent: Any = forms.ModelChoiceField(
        label=_("Part of"), queryset=None, required=False, empty_label=_("nothing above it")
    )
    cash_flow = forms.ChoiceField(
        label=_("In the cash flow statement"),
        choices=CASH_FLOWS,
        help_text=_("Cash itself, or the part of the statement where its changes stand."),
    )
    tax = forms.ChoiceField(label=_("In the tax report"), choices=TAXES, required=False)
    active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("A retired account stays in reports."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    taken = {
        services.CodeTaken: "code",
        services.CodeUnreadable: "code",
        services.KindDiffers: "parent",
        services.UnderItself: "parent",
        services.ParentHasLines: "parent",
        services.PostedTo: "active",
        services.BalanceLeft: "active",
        services.KindStays: "kind",
        services.CashIsHeld: "cash_flow",
        services.TaxIsOwed: "tax",
    }

    def __init__(self, *args: Any, row: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        parents: Any = self.fields["parent"]
        parents.queryset = selectors.accounts().filter(active=True)
        if row is not None:
            parents.queryset = parents.queryset.exclude(pk=row.pk)
        else:
            del self.fields["active"]

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ChartFileForm(forms.Form):
    """A published chart as a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or JSON with code, name, kind and, if it has one, parent."),
    )


class EntryForm(Refusing):
    """The head of an entry written by hand."""

    on = DayField(label=_("Date"))
    description = forms.CharField(label=_("What is it for?"), max_length=300)
    currency = forms.ChoiceField(label=_("Currency"), choices=())
    rate = MoneyField(
        label=_("Rate"),
        required=False,
        decimal_places=8,
        max_digits=18,
        min_value=Decimal("0.00000001"),
        help_text=_("Left empty, the rate of that day."),
    )
    file = ProofField(
        label=_("Receipt or voucher"),
        required=False,
        help_text=_("A picture or a PDF of at most 5 MB."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, home: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.home = home
        codes = [home, *selectors.foreign_currencies()]
        field: Any = self.fields["currency"]
        field.choices = [(code, code) for code in codes]
        if len(codes) == 1:
            field.widget = forms.HiddenInput()
            field.initial = home
            self.fields["rate"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        currency, on = data.get("currency"), data.get("on")
        if currency == self.home:
            data["rate"] = Decimal(1)
        elif currency and on and not data.get("rate"):
            data["rate"] = selectors.rate_of(currency, on)
            if data["rate"] is None:
                self.add_error("rate", _("No rate is known on this day. Enter one."))
        return data

    def written(self, lines: Any) -> Written:
        """The entry as the domain takes it."""
        data = self.cleaned_data
        return Written(
            data["on"],
            data["description"],
            data["currency"],
            lines.drafts(),
            data["rate"],
            data.get("file"),
        )


class LineForm(forms.Form):
    """One line of an entry: a debit or a credit on an account."""

    account = AccountField(label=_("Account"))
    memo = forms.CharField(label=_("Memo"), max_length=200, required=False)
    debit = MoneyField(label=_("Debit"), required=False)
    credit = MoneyField(label=_("Credit"), required=False)
    party = forms.CharField(
        label=_("Customer or supplier"),
        max_length=140,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Customer or supplier, by code")}),
    )
    branch: Any = forms.ModelChoiceField(
        label=_("Branch"), queryset=None, required=False, empty_label=_("Branch")
    )
    project: Any = forms.ModelChoiceField(
        label=_("Project"),
        queryset=None,
        required=False,
        empty_label=_("Project"),
    )
    member: Any = forms.ModelChoiceField(
        label=_("Person"), queryset=None, required=False, empty_label=_("Person")
    )

    def clean_party(self) -> Any:
        text = self.cleaned_data["party"]
        if not text.strip():
            return None
        found = naming.party_by_code(text)
        if found is None:
            raise forms.ValidationError(_("No customer or supplier has this code."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        debit, credit = data.get("debit") or 0, data.get("credit") or 0
        if bool(debit) == bool(credit) and not self.errors:
            self.add_error("debit", _("A line is either a debit or a credit."))
        return data

    def draft(self) -> LineDraft:
        """The line as the domain takes it."""
        data = self.cleaned_data
        return LineDraft(
            data["account"],
            (data.get("debit") or Decimal(0)) - (data.get("credit") or Decimal(0)),
            data["memo"],
            data["party"],
            *(getattr(data[name], "pk", None) for name in ("branch", "project", "member")),
        )


class BaseLines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of an entry; rows that were left empty don't count."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.known = {row.code: row for row in selectors.leaves()}
        self.rows: dict[str, Any] = {
            "branch": Branch.objects.order_by("name", "pk"),
            "project": Project.objects.order_by("name", "pk"),
            "member": Member.objects.filter(active=True).order_by("name", "pk"),
        }
        self.there = {name: list(rows) for name, rows in self.rows.items()}
        super().__init__(*args, **options)

    def add_fields(self, form: Any, index: Any) -> None:
        super().add_fields(form, index)
        form.fields["account"].known = self.known
        for name, rows in self.rows.items():
            if self.there[name]:
                form.fields[name].queryset = rows
                # Asked once for all lines.
                empty = form.fields[name].empty_label
                form.fields[name].widget.choices = [
                    ("", empty),
                    *((row.pk, row.name) for row in self.there[name]),
                ]
            else:
                form.fields[name].widget = forms.HiddenInput()

    def drafts(self) -> list[LineDraft]:
        """The lines that were filled in."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.draft() for form in kept if form.has_changed()]


LineFormSet = forms.formset_factory(
    LineForm, formset=BaseLines, extra=0, min_num=2, max_num=500, validate_max=True, can_delete=True
)


class WhyForm(forms.Form):
    """A step that needs nothing but its reason."""

    reason = forms.CharField(
        label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReverseForm(WhyForm):
    """When an entry is undone, and why."""

    on = DayField(label=_("Date of the reversal"))
    field_order = ("on", "reason")


class RecurringForm(EntryForm):
    """How often an entry comes back, and what happens then."""

    every = forms.ChoiceField(label=_("How often"), choices=EVERY)
    mode = forms.ChoiceField(
        label=_("What happens"),
        choices=MODES,
        help_text=_("It is posted by itself once somebody else has approved it."),
    )
    ends_on = DayField(label=_("Last on"), required=False, help_text=_("Left empty, it goes on."))
    file = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        last, first = data.get("ends_on"), data.get("on")
        if last and first and last < first:
            self.add_error("ends_on", _("The last day can't come before the first."))
        return data


class YearForm(forms.Form):
    """A fiscal year to set up."""

    first = DayField(label=_("First day"))

    def clean_first(self) -> Any:
        first = self.cleaned_data["first"]
        if first.day != 1:
            raise forms.ValidationError(_("A fiscal year begins on the first of a month."))
        return first


class OpeningForm(forms.Form):
    """Opening balances from a file."""

    on = DayField(
        label=_("Balances on"), help_text=_("The day before the first day in these books.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX with code, debit and credit; a row for each account."),
    )


class RateForm(Refusing):
    """What a unit of a currency is worth."""

    currency = forms.ChoiceField(label=_("Currency"), choices=())
    on = DayField(label=_("From"))
    rate = MoneyField(
        label=_("Rate"), decimal_places=8, max_digits=18, min_value=Decimal("0.00000001")
    )
    taken = {services.CurrencyWrong: "currency", services.RateWrong: "rate"}

    def __init__(self, *args: Any, home: str, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["currency"]
        field.choices = [("", ""), *((code, code) for code in money.currencies() if code != home)]
        self.fields["rate"].help_text = _("What one unit is worth in {home}.").format(home=home)


class RatesFileForm(forms.Form):
    """Rates from a file."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV or XLSX with date, currency and rate.")
    )


class RevalueForm(forms.Form):
    """The day at whose rates other currencies are counted."""

    on = DayField(label=_("Day"))


class RuleForm(Refusing):
    """Where a heading of the system posts."""

    account = AccountField(label=_("Account"))
    taken = {services.WrongAccount: "account", services.OwnAccount: "account"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["account"]
        field.known = {row.code: row for row in selectors.leaves()}
