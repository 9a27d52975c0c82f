"""Forms of suppliers and places."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch, Place
from prs.web.kit.countries import countries
from prs.web.kit.fields import MoneyField
from prs.web.kit.forms import EditForm
from prs.web.stock.supplier_tables import KINDS


class SupplierForm(EditForm):
    taken: ClassVar = {
        parties.SupplierNameTaken: "name",
        parties.SupplierCodeTaken: "code",
        parties.PhoneWrong: "phone",
        parties.TaxNumberWrong: "tax_id",
    }
    country = forms.ChoiceField(label=_("Country"), choices=countries, required=False)
    minimum_order = MoneyField(label=_("Smallest order"), required=False, min_value=0)

    class Meta:
        model = Supplier
        fields = (
            "name",
            "code",
            "contact_person",
            "email",
            "phone",
            "address",
            "country",
            "tax_id",
            "currency",
            "terms_days",
            "lead_days",
            "minimum_order",
            "notes",
            "active",
        )
        widgets: ClassVar = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts: ClassVar = {
            "code": _("Leave it empty to get the next one."),
            "currency": _("What they ask to be paid in, as USD."),
            "lead_days": _("From the order to the delivery."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].required = bool(self.instance.code)
        self.fields["minimum_order"].currency = self.instance.currency  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        """Three capital letters."""
        code: str = self.cleaned_data["currency"].upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise forms.ValidationError(_("A currency has three letters, as USD."))
        return code


class PlaceForm(EditForm):
    taken: ClassVar = {places.PlaceNameTaken: "name", places.PlaceCodeTaken: "code"}
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)

    class Meta:
        model = Place
        fields = ("name", "code", "kind", "branch", "address", "active")
        widgets: ClassVar = {"address": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "code": _("Short: it stands in the numbers of sales and transfers."),
            "branch": _("Whoever sees only a branch works with its places."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["branch"].queryset = Branch.objects.order_by("name", "pk")  # type: ignore[attr-defined]
