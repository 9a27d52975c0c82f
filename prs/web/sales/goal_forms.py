"""Forms of goals and working days."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member, Team
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Goal
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.forms import EditForm

WEEK = (
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
)


class GoalForm(EditForm):
    """A goal for the organization, a team or a member."""

    taken = {incentives.GoalTaken: "starts_on"}

    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    target = MoneyField(label=_("Target"), min_value=1)

    class Meta:
        model = Goal
        fields = ("name", "team", "member", "starts_on", "ends_on", "target")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        teams = Team.objects.filter(active=True).order_by("name", "pk")
        people = Member.objects.filter(active=True).order_by("name", "pk")
        for name, rows in (("team", teams), ("member", people)):
            field = cast("Any", self.fields[name])
            field.queryset, field.empty_label = rows, _("Nobody in particular")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("team") and data.get("member"):
            self.add_error("member", _("Choose a team or a member, not both."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day can't come before the first."))
        return data


class OwnGoalForm(forms.Form):
    """One's own goal for the month, in digits."""

    target = MoneyField(label=_("Your goal"), min_value=1)


class CalendarForm(forms.Form):
    """On which days the organization works."""

    week = forms.MultipleChoiceField(
        label=_("Working days"), choices=WEEK, widget=forms.CheckboxSelectMultiple
    )
    keep_holidays = forms.BooleanField(
        label=_("Public holidays of our country are free"), required=False
    )
