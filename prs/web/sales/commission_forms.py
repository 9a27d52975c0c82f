"""Forms of commissions: the grid, rules, leads' shares, shared deals, disputes and payouts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.identity.models import Member, Role, Team
from prs.ledgers.bookkeeping import rules as chart
from prs.operations.incentives.models import CommissionRule
from prs.operations.incentives.selectors import GridRow
from prs.web.kit.fields import DayField, MoneyField

TIERS = 4
SHARES = 4
ACCOUNTS = (
    (chart.BANK, _("Bank")),
    (chart.CASH, _("Cash")),
    (chart.MOBILE_MONEY, _("Mobile money")),
)
PERCENT = {"max_digits": 7, "decimal_places": 4, "min_value": Decimal(0), "max_value": Decimal(100)}


def currency_choices() -> list[tuple[str, str]]:
    """Every currency, by its code."""
    return [(code, code) for code in money.currencies()]


class Amountish(MoneyField):
    """An amount that may be left empty for none."""

    def clean(self, value: Any) -> Decimal:
        found: Decimal | None = super().clean(value)
        return found or Decimal(0)


class GridForm(forms.Form):
    """One member's row of the grid. Only what was touched is written."""

    currency = forms.ChoiceField(label=_("Paid in"), choices=currency_choices)
    rate = forms.DecimalField(label=_("Rate, %"), required=False, **cast("Any", PERCENT))
    exchange_rate = forms.DecimalField(
        label=_("Exchange rate"),
        max_digits=18,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        max_value=Decimal(10_000),
    )
    bonus = Amountish(label=_("Bonus"), required=False, min_value=0)
    bonus_reason = forms.CharField(label=_("Why a bonus"), max_length=300, required=False)
    penalty = Amountish(label=_("Penalty"), required=False, min_value=0)
    penalty_reason = forms.CharField(label=_("Why a penalty"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, row: GridRow, home: str) -> None:
        kept = row.commission
        first = {
            "currency": row.rule.currency if row.rule else home,
            "exchange_rate": row.rule.exchange_rate if row.rule else Decimal(1),
        }
        names = set(self.base_fields)
        values = {name: getattr(kept, name) for name in names} if kept else first
        super().__init__(data, initial=plainly(values), prefix=str(row.member.pk))
        self.row = row
        for name, field in self.fields.items():
            if field.label:
                field.widget.attrs["aria-label"] = f"{field.label}: {row.member.name}"
            if name in ("rate", "exchange_rate"):
                field.widget = forms.TextInput(attrs={**field.widget.attrs, "inputmode": "decimal"})
        self.fields["rate"].widget.attrs["placeholder"] = f"{row.rate.normalize():f}"
        self.fields["bonus_reason"].widget.attrs["placeholder"] = str(_("Why"))
        self.fields["penalty_reason"].widget.attrs["placeholder"] = str(_("Why"))

    @property
    def edited(self) -> bool:
        """Whether anything was entered in this row."""
        return self.is_bound and bool(set(self.changed_data) - {"version"})

    @property
    def touched(self) -> dict[str, Any]:
        """What was entered anew."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name != "version" and name in self.cleaned_data
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("bonus", "penalty"):
            if data.get(name) and not data.get(f"{name}_reason"):
                self.add_error(f"{name}_reason", _("Say why."))
        return data


def plainly(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers without zeros at their end; none where there is nothing."""
    return {
        name: (f"{value.normalize():f}" if value else "") if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


class RuleForm(forms.Form):
    """A new version of what selling earns."""

    name = forms.CharField(label=_("Name"), max_length=120)
    role: Any = forms.ModelChoiceField(
        label=_("For a role"), queryset=None, required=False, empty_label=_("Everyone")
    )
    member: Any = forms.ModelChoiceField(
        label=_("For one member"), queryset=None, required=False, empty_label=_("Everyone")
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), required=False)
    basis = forms.ChoiceField(label=_("What counts"), choices=CommissionRule.Bases)
    rate = forms.DecimalField(
        label=_("Rate, %"), initial=Decimal(5), localize=False, **cast("Any", PERCENT)
    )
    mode = forms.ChoiceField(
        label=_("Thresholds apply"), choices=CommissionRule.Modes, initial="marginal"
    )
    cap = MoneyField(label=_("At most, in a period"), required=False, min_value=Decimal("0.01"))
    currency = forms.ChoiceField(label=_("Paid in"), choices=currency_choices)
    exchange_rate = forms.DecimalField(
        label=_("Exchange rate"),
        initial=Decimal(1),
        max_digits=18,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        max_value=Decimal(10_000),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("Any", self.fields["role"]).queryset = Role.objects.order_by("name", "pk")
        members = Member.objects.filter(active=True).order_by("name", "pk")
        cast("Any", self.fields["member"]).queryset = members
        for place in range(1, TIERS + 1):
            self.fields[f"above{place}"] = MoneyField(
                label=_("Above"), required=False, min_value=Decimal("0.01")
            )
            self.fields[f"rate{place}"] = forms.DecimalField(
                label=_("Rate, %"), required=False, **cast("Any", PERCENT)
            )

    @property
    def tiers(self) -> list[tuple[Any, Any]]:
        """The pairs of fields for thresholds."""
        return [(self[f"above{n}"], self[f"rate{n}"]) for n in range(1, TIERS + 1)]

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, as the verb takes it."""
        data = dict(self.cleaned_data)
        pairs = [(data.pop(f"above{n}"), data.pop(f"rate{n}")) for n in range(1, TIERS + 1)]
        tiers = [
            {"above": str(above), "rate": str(rate)}
            for above, rate in sorted(pair for pair in pairs if None not in pair)
        ]
        return {**data, "tiers": tiers}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") and data.get("member"):
            self.add_error("member", _("Choose a role or a member, not both."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day can't come before the first."))
        for place in range(1, TIERS + 1):
            pair = (data.get(f"above{place}"), data.get(f"rate{place}"))
            if (pair[0] is None) != (pair[1] is None):
                self.add_error(f"rate{place}", _("A threshold needs an amount and a rate."))
        return data


class OverrideForm(forms.Form):
    """A lead's share in what the team sells."""

    team: Any = forms.ModelChoiceField(label=_("Team"), queryset=None)
    lead: Any = forms.ModelChoiceField(label=_("Lead"), queryset=None)
    percent = forms.DecimalField(
        label=_("Share, %"),
        max_digits=7,
        decimal_places=4,
        min_value=Decimal("0.0001"),
        max_value=Decimal(100),
    )
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        teams = Team.objects.filter(active=True).order_by("name", "pk")
        cast("Any", self.fields["team"]).queryset = teams
        members = Member.objects.filter(active=True).order_by("name", "pk")
        cast("Any", self.fields["lead"]).queryset = members


class EndForm(forms.Form):
    """The last day of a rule."""

    last = DayField(label=_("Last day"))


class SplitForm(forms.Form):
    """Who shares in what a deal earns."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        members = Member.objects.filter(active=True).order_by("name", "pk")
        for place in range(1, SHARES + 1):
            self.fields[f"member{place}"] = forms.ModelChoiceField(
                label=_("Member"), queryset=members, required=False
            )
            self.fields[f"percent{place}"] = forms.DecimalField(
                label=_("Share, %"), required=False, **cast("Any", PERCENT)
            )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The pairs of fields."""
        return [(self[f"member{n}"], self[f"percent{n}"]) for n in range(1, SHARES + 1)]

    @property
    def shares(self) -> dict[Member, Decimal]:
        """Per cent by member."""
        data = self.cleaned_data
        pairs = [(data[f"member{n}"], data[f"percent{n}"]) for n in range(1, SHARES + 1)]
        return {member: percent for member, percent in pairs if member and percent}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [data.get(f"member{n}") for n in range(1, SHARES + 1) if data.get(f"member{n}")]
        shares = [data.get(f"percent{n}") or Decimal(0) for n in range(1, SHARES + 1)]
        if len(chosen) != len(set(chosen)):
            self.add_error(None, _("Name each member once."))
        if chosen and sum(shares) != 100:
            self.add_error(None, _("The shares must come to 100 %."))
        return data


class DisputeForm(forms.Form):
    """What an earner objects to."""

    reason = forms.CharField(
        label=_("What is wrong?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ResolveForm(forms.Form):
    """What is decided about a dispute."""

    answer = forms.CharField(
        label=_("Your answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    amount = Amountish(
        label=_("Owed besides"),
        required=False,
        help_text=_("In the home currency; it is a line of the next commission. Empty refuses."),
    )


class PayoutForm(forms.Form):
    """How a commission is paid out."""

    account = forms.ChoiceField(label=_("From"), choices=ACCOUNTS)
    on = DayField(label=_("Paid on"))
    reference = forms.CharField(label=_("Reference"), max_length=100, required=False)
