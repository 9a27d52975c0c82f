"""Forms of follow-ups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.operations.followups import services
from prs.operations.followups.models import FollowUp
from prs.web.kit.fields import DayField, MoneyField


class LogForm(forms.Form):
    """A contact with a customer: what was said, and when they hear from us next."""

    channel = forms.ChoiceField(label=_("How"), choices=FollowUp.Channel)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=FollowUp.Outcome)
    promised_amount = MoneyField(
        label=_("Promised amount"),
        required=False,
        min_value=Decimal("0.01"),
        help_text=_("With a promise: how much, and by when."),
    )
    promised_on = DayField(label=_("Promised for"), required=False)
    escalated_to: Any = forms.ModelChoiceField(
        label=_("Escalated to"),
        queryset=None,
        required=False,
        help_text=_("Only they can log and resolve afterwards."),
    )
    place = forms.CharField(
        label=_("Place of the visit"), max_length=200, required=False, help_text=_("With a visit.")
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_on = DayField(
        label=_("Next contact"), required=False, help_text=_("A day, or “+7”, or “fri”.")
    )
    refused: dict[type[Refusal], str] = {
        services.PromiseIncomplete: "promised_amount",
        services.EscalateToWhom: "escalated_to",
        services.PlaceMissing: "place",
        services.NextInThePast: "next_on",
    }

    def __init__(self, *args: Any, by: Member, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("MoneyField", self.fields["promised_amount"]).currency = currency
        colleagues = cast("forms.ModelChoiceField[Member]", self.fields["escalated_to"])
        active = Member.objects.filter(active=True, role__permissions__overlap=["followups.log"])
        colleagues.queryset = active.exclude(pk=by.pk).order_by("name", "pk")

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it is about."""
        field = self.refused.get(type(refusal))
        if field is None:
            raise refusal
        self.add_error(field, str(refusal))


class ResolveForm(forms.Form):
    """How an alert was resolved."""

    how = forms.CharField(
        label=_("How was it resolved?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
