"""What a member wants to be told, where, and when mail may come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from prs.kernel.activity import telling
from prs.kernel.activity.models import NotificationPreference
from prs.kernel.activity.rules import Choice, Event, Hours, MailWay
from prs.kernel.errors import Invalid, Refusal
from prs.web.kit.access import Request, members_only
from prs.web.kit.screens import screen

WAYS = NotificationPreference.ByMail.choices
# What is urgent does not wait for the daily mail.
URGENT_WAYS = [(way, label) for way, label in WAYS if way != MailWay.DAILY]
# The headings of the table, with the topics that stand under each; what is named nowhere is the office's.
GROUPS: Final = (
    (gettext_lazy("Customers"), ("customer", "alert", "followup")),
    (gettext_lazy("Deals and projects"), ("deal", "project")),
    (gettext_lazy("Invoices"), ("invoice",)),
    (gettext_lazy("Payments"), ("payment", "refund", "cash", "verification")),
    (gettext_lazy("Commissions and goals"), ("commission", "goal")),
    (gettext_lazy("Organization"), ()),
)
FIELDS: Final[dict[type[Refusal], str]] = {
    telling.NoSuchHour: "digest",
    telling.DigestInQuietHours: "digest",
    telling.HalfQuiet: "quiet_until",
    telling.AlwaysQuiet: "quiet_until",
}


class HoursForm(forms.Form):
    """When a member is written to."""

    digest = forms.TypedChoiceField(
        label=gettext_lazy("Daily mail at"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Write a time such as 22:00.")},
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Write a time such as 07:00.")},
    )

    def arrange(self, member_id: Any, chosen: Mapping[str, Choice]) -> bool:
        """Keep these hours with what was chosen; False, with the error on its field, when refused."""
        words = self.cleaned_data
        hours = Hours(words["digest"], words["quiet_from"], words["quiet_until"])
        try:
            telling.arrange(member_id, chosen, hours)
        except tuple(FIELDS) as refusal:
            self.add_error(FIELDS[type(refusal)], str(refusal))
            return False
        return True


def hears(request: Any, event: Event) -> bool:
    """Whether a kind of event can reach this member at all."""
    return bool(event.told_as) or any(map(request.member.may, event.told))


def sent(request: Request, kinds: Mapping[str, Event]) -> dict[str, Choice]:
    """What was chosen of each kind; a kind that the page did not offer by mail gets none."""
    try:
        return {
            code: Choice(
                f"app:{code}" in request.POST,
                MailWay(request.POST.get(f"mail:{code}", MailWay.OFF)),
            )
            for code in kinds
        }
    except ValueError as error:
        raise Invalid from error


def kept(request: Request, kinds: Mapping[str, Event]) -> dict[str, Choice]:
    """What a member has chosen of each kind, or else what the kind says."""
    rows = NotificationPreference.objects.filter(member_id=request.member.pk)
    own = {row.code: Choice(row.in_app, MailWay(row.by_mail)) for row in rows}
    return {
        code: own.get(code) or Choice(in_app=True, mail=event.way) for code, event in kinds.items()
    }


def groups(kinds: Mapping[str, Event], chosen: Mapping[str, Choice]) -> list[dict[str, Any]]:
    """The rows of the table under their headings; headings without rows are left out."""
    heading = {topic: str(title) for title, topics in GROUPS for topic in topics}
    rows: dict[str, list[dict[str, Any]]] = {str(title): [] for title, _topics in GROUPS}
    last = str(GROUPS[-1][0])
    for code, event in kinds.items():
        rows[heading.get(event.topic, last)].append(
            {
                "code": code,
                "title": event.title,
                "in_app": chosen[code].in_app or event.urgent,
                "mail": chosen[code].mail.value,
                "urgent": event.urgent,
                "ways": URGENT_WAYS if event.urgent else WAYS,
            }
        )
    return [{"title": title, "rows": found} for title, found in rows.items() if found]


@members_only
@require_http_methods(["GET", "POST"])
def choices(request: Request) -> HttpResponse:
    """What a member wants to be told, where, and when mail may come."""
    kinds = {c: e for c, e in telling.told_events().items() if hears(request, e)}
    if request.method == "POST":
        chosen, form = sent(request, kinds), HoursForm(request.POST)
        if form.is_valid() and form.arrange(request.member.pk, chosen):
            messages.success(request, _("Your choice is kept."))
            return redirect("shell:notification_preferences")
    else:
        hours = telling.hours_of(request.member.pk)
        initial = {
            "digest": hours.digest,
            "quiet_from": hours.quiet_from,
            "quiet_until": hours.quiet_until,
        }
        chosen, form = kept(request, kinds), HoursForm(initial=initial)
    context = {
        "groups": groups(kinds, chosen),
        "form": form,
        "zone": request.organization.time_zone,
    }
    status = 422 if form.errors else 200
    return screen(request, "shell/notification_preferences.html", context, status=status)
