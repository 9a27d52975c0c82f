"""The forms of verifiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.masterdata.places.models import Branch
from prs.operations.payments import services
from prs.operations.payments.models import Decision, Payment, VerificationPolicy
from prs.web.kit.fields import MoneyField
from prs.web.kit.forms import EditForm

REASONS = [(code, label) for code, label in Decision.Reason.choices if code]
LEAST = Decimal("0.0001")
TOO_LARGE = Decimal(10) ** 15


class VerifyForm(forms.Form):
    """Accept, for all of the amount or for what was found to have come in."""

    amount = MoneyField(
        label=_("Amount that came in"),
        required=False,
        min_value=LEAST,
        help_text=_("Left empty, all of it."),
    )
    remarks = forms.CharField(label=_("Remarks"), max_length=1000, required=False)


class DenyForm(forms.Form):
    """Refuse, with the reason."""

    reason = forms.ChoiceField(label=_("Why is it denied?"), choices=REASONS)
    remarks = forms.CharField(
        label=_("What should the recorder know?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AskForm(forms.Form):
    """Ask whoever recorded it."""

    question = forms.CharField(
        label=_("What do you need to know?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NarrowForm(forms.Form):
    """What of the queue is shown. It stands in the address."""

    method = forms.ChoiceField(
        label=_("Method"), required=False, choices=[("", _("Any")), *Payment.Method.choices]
    )
    place: Any = forms.ModelChoiceField(
        label=_("Place"), queryset=None, required=False, empty_label=_("Any")
    )
    over = MoneyField(label=_("Amount over"), required=False, min_value=Decimal(0))
    older = forms.IntegerField(
        label=_("Waits longer than (hours)"), required=False, min_value=1, max_value=8760
    )
    second = forms.BooleanField(label=_("Second look only"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places: Any = self.fields["place"]
        places.queryset = Branch.objects.order_by("name", "pk")
        self.use_required_attribute = False


class GrantForm(forms.Form):
    """A refund is granted, with a remark if need be."""

    remarks = forms.CharField(label=_("Remarks"), max_length=1000, required=False)


class RefuseForm(forms.Form):
    """A refund is refused, and whoever asked learns why."""

    remarks = forms.CharField(
        label=_("Why is it refused?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CountForm(forms.Form):
    """What lay in the drawer, and why it is another sum than recorded."""

    counted = MoneyField(
        label=_("Counted"), min_value=Decimal(0), max_value=TOO_LARGE, widget=forms.TextInput
    )
    explanation = forms.CharField(
        label=_("If it differs: why?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A difference verifies nothing: the payments are then looked at one by one."),
    )


class PolicyForm(EditForm):
    """How payments of a method are proven, everywhere or at one place."""

    taken = {services.PolicyKnown: "place", services.CashOnly: "way"}

    class Meta:
        model = VerificationPolicy
        fields = ("method", "place", "way", "second_above")

    def __init__(self, *args: Any, currency: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        place: Any = self.fields["place"]
        place.queryset = Branch.objects.order_by("name", "pk")
        place.empty_label = _("Everywhere")
        self.fields["second_above"] = MoneyField(
            label=_("Second verifier above (%(currency)s)") % {"currency": currency},
            currency=currency,
            required=False,
            min_value=Decimal(0),
            show_hidden_initial=not self.instance._state.adding,
            help_text=_("In home currency. Left empty, one verifier is enough."),
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        together = cleaned.get("way") == VerificationPolicy.Way.TILL_CLOSE
        if together and cleaned.get("method") != Payment.Method.CASH:
            self.add_error("way", str(services.CashOnly.sentence))
        return cleaned


class EffectForm(forms.Form):
    """A rule that somebody thinks about."""

    method = forms.ChoiceField(choices=Payment.Method.choices)
    place: Any = forms.ModelChoiceField(queryset=None, required=False)
    second_above = MoneyField(required=False, min_value=Decimal(0))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places: Any = self.fields["place"]
        places.queryset = Branch.objects.order_by("pk")
