"""Forms of customers and of what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member
from prs.masterdata.parties.models import Address, Contact, Customer, Feedback, Tag
from prs.masterdata.parties.services import (
    CodeTaken,
    PhoneWrong,
    SecondPhoneWrong,
    TaxNumberWrong,
)
from prs.masterdata.parties.services.customers import BlockUnexplained
from prs.masterdata.parties.services.details import ContactKnown
from prs.web.kit.countries import countries
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.forms import EditForm


class CustomerForm(EditForm):
    taken: ClassVar = {
        CodeTaken: "code",
        PhoneWrong: "phone",
        SecondPhoneWrong: "phone2",
        TaxNumberWrong: "tax_id",
    }
    country = forms.ChoiceField(label=_("Country"), choices=countries, required=False)
    nationality = forms.ChoiceField(label=_("Nationality"), choices=countries, required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Customer
        fields = (
            "name",
            "kind",
            "code",
            "external_code",
            "salesperson",
            "active",
            "email",
            "phone",
            "phone2",
            "website",
            "address1",
            "address2",
            "address3",
            "postal_code",
            "city",
            "state",
            "area",
            "country",
            "nationality",
            "tax_id",
            "registration_number",
            "terms_days",
            "price_level",
        )
        help_texts: ClassVar = {
            "code": _("Leave it empty to get the next one."),
            "external_code": _("Imports find the customer by it."),
            "terms_days": _("An invoice is due this many days after its date."),
        }

    groups_of_fields: ClassVar = (
        (_("Who it is"), Meta.fields[:6]),
        (_("How to reach them"), Meta.fields[6:10]),
        (_("Address"), Meta.fields[10:18]),
        (_("Business"), Meta.fields[18:]),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].required = bool(self.instance.code)
        sellers = cast("forms.ModelChoiceField[Member]", self.fields["salesperson"])
        sellers.queryset = Member.objects.filter(active=True).order_by("name", "pk")

    @property
    def groups(self) -> Iterator[tuple[Any, list[Any]]]:
        """The fields as they belong together."""
        for legend, names in self.groups_of_fields:
            yield legend, [self[name] for name in names]


class CreditForm(EditForm):
    """Limit and block. `currency` is the organization's."""

    taken: ClassVar = {BlockUnexplained: "credit_reason"}
    credit_limit = MoneyField(
        label=_("Credit limit"),
        required=False,
        min_value=0,
        help_text=_("What may be owed at most. Leave it empty for no limit."),
    )

    class Meta:
        model = Customer
        fields = ("credit_limit", "terms_days", "credit_blocked", "credit_reason")

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["credit_limit"].currency = currency  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("credit_blocked") and not data.get("credit_reason"):
            self.add_error("credit_reason", str(BlockUnexplained.sentence))
        return data


class ContactForm(EditForm):
    taken: ClassVar = {ContactKnown: "email", PhoneWrong: "phone"}

    class Meta:
        model = Contact
        fields = (
            "first_name",
            "last_name",
            "title",
            "email",
            "phone",
            "is_primary",
            "is_billing",
            "notes",
        )


class AddressForm(EditForm):
    country = forms.ChoiceField(label=_("Country"), choices=countries, required=False)

    class Meta:
        model = Address
        fields = (
            "kind",
            "label",
            "line1",
            "line2",
            "postal_code",
            "city",
            "state",
            "country",
            "is_default",
        )


class TagForm(forms.Form):
    """A word on a customer."""

    tag = forms.CharField(label=_("Tag"), max_length=40)
    colour = forms.ChoiceField(
        label=_("Colour"), choices=Tag.Colour.choices, required=False, initial=Tag.Colour.GREY
    )


class NoteForm(forms.Form):
    """Something to remember."""

    text = forms.CharField(
        label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SpanForm(forms.Form):
    """The time that a statement is about."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day can't come before the first."))
        return data


class MergeForm(forms.Form):
    """Why two customers are one."""

    reason = forms.CharField(label=_("Why are they the same?"), max_length=300, required=False)


class ImportForm(forms.Form):
    """A file of customers."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or Excel (XLSX), at most 5,000 rows and 5 MB. Its first row names the columns."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class FeedbackForm(forms.Form):
    """The answer of a customer."""

    score = forms.ChoiceField(
        label=_("How content are you?"),
        choices=Feedback.Score.choices,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Would you like to tell us more?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
