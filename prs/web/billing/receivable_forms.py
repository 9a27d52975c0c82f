"""The forms of collecting."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member
from prs.operations.receivables.models import Reminder
from prs.web.billing.forms import WhyForm, bound_amount
from prs.web.billing.receivable_tables import SINCE
from prs.web.kit.fields import DayField, MoneyField

LONGEST = 366 * 3


class RemindForm(forms.Form):
    """In which words a customer is reminded."""

    tone = forms.ChoiceField(label=_("Tone"), choices=Reminder.Tone, widget=forms.RadioSelect)


class TakeForm(forms.Form):
    """Who takes a claim in hand, and what is known."""

    assigned_to: Any = forms.ModelChoiceField(label=_("Who collects it"), queryset=None)
    notes = forms.CharField(
        label=_("Notes"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField[Member]", self.fields["assigned_to"]).queryset = members


class EndForm(forms.Form):
    """How a collection ended."""

    notes = forms.CharField(
        label=_("How did it end?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class LossForm(WhyForm):
    """How much is given up or claimed again, and why."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.01"))
    field_order = ("amount", "reason")

    def __init__(self, *args: Any, currency: str, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"amount": most}, **options})
        bound_amount(self, currency, most)


class DecideForm(forms.Form):
    """What is said to a write-off that is refused."""

    remarks = forms.CharField(
        label=_("Remarks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DayForm(forms.Form):
    """The day that a report is of, and from what age counts."""

    on = DayField(label=_("As of"))
    since = forms.ChoiceField(label=_("Age counts from"), choices=SINCE, required=False)


class MonthsForm(forms.Form):
    """The time that a report is of."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first: date | None = data.get("first")
        last: date | None = data.get("last")
        if first and last and not 0 <= (last - first).days <= LONGEST:
            self.add_error("last", _("Choose a last day after the first, within three years."))
        return data
