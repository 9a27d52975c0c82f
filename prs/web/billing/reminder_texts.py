"""What reminders say: read with an example, changed, put back, and printed as a letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from prs.kernel import clock, documents
from prs.kernel.db.versions import Stale
from prs.operations.invoicing import selectors as invoices
from prs.operations.receivables import permissions, texts
from prs.operations.receivables.models import Reminder
from prs.operations.receivables.rules import PLACEHOLDERS, tone_of
from prs.operations.receivables.services import NothingOpen
from prs.web.billing.receivable_tables import tabs
from prs.web.billing.reports import attached
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

TONES = dict(Reminder.Tone.choices)
# When the schedule speaks in which tone.
WHEN = {
    Reminder.Tone.FRIENDLY: gettext_lazy("Until the day it is due"),
    Reminder.Tone.FIRM: gettext_lazy("While it is less than 30 days late"),
    Reminder.Tone.LAST: gettext_lazy("From 30 days on"),
}
MEANINGS = {
    "customer": gettext_lazy("the customer's name"),
    "number": gettext_lazy("the number of the invoice"),
    "amount": gettext_lazy("what is left to pay"),
    "due": gettext_lazy("the day it is or was due"),
    "late": gettext_lazy("how many days late it is"),
    "organization": gettext_lazy("your organization's name"),
}


class TextForm(forms.Form):
    """What a reminder says."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 9})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


def known(tone: str) -> str:
    """A tone that there is."""
    if tone not in TONES:
        raise Http404
    return tone


def previewed(request: Any, text: texts.Text) -> dict[str, str]:
    """A text as a customer would read it."""
    organization = request.organization
    words = texts.example(organization, today=reader().today)
    subject, body = texts.written(text, words, organization)
    return {"subject": subject, "body": body}


@requires(permissions.SETTINGS)
@require_safe
def reminder_texts(request: Any) -> HttpResponse:
    """What the reminders of each tone say, with an example filled in."""
    rows = []
    for tone, label in TONES.items():
        text = texts.text_of(tone, request.organization)
        shown = {"tone": tone, "label": label, "when": WHEN[Reminder.Tone(tone)], "own": text.own}
        rows.append({**shown, **previewed(request, text)})
    context = {"rows": rows, "tabs": tabs(request, "reminder_texts")}
    return screen(request, "billing/reminder_texts.html", context)


@requires(permissions.SETTINGS)
def edit_reminder_text(request: Any, tone: str) -> HttpResponse:
    """Say a reminder in the organization's own words; a look at it saves nothing."""
    text = texts.text_of(known(tone), request.organization)
    first = {"subject": text.subject, "body": text.body, "version": text.version}
    form = TextForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            texts.require_sound(data["subject"], data["body"])
        except (texts.UnknownPlaceholder, texts.PlaceholderMissing) as refusal:
            form.add_error("body", str(refusal))
        else:
            text = texts.Text(tone, data["subject"], data["body"], text.own)
            if request.POST.get("then") != "look" and saved(request, form, tone):
                return redirect("billing:reminder_texts")
    context = {
        "form": form,
        "label": TONES[tone],
        "tone": tone,
        "when": WHEN[Reminder.Tone(tone)],
        "own": text.own,
        "preview": previewed(request, text),
        "placeholders": [(f"{{{name}}}", MEANINGS[name]) for name in PLACEHOLDERS],
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "billing/reminder_text.html", context, status=status)


def saved(request: Any, form: TextForm, tone: str) -> bool:
    """Save a text, unless somebody else saved meanwhile: then what was written stays on the page."""
    words = {**form.cleaned_data, "version": form.cleaned_data["version"] or 0}
    try:
        texts.change(tone, **words, by=request.member, at=clock.now())
    except Stale as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("The next reminder says so."))
    return True


@requires(permissions.SETTINGS)
@require_POST
def reset_reminder_text(request: Any, tone: str) -> HttpResponse:
    """Go back to the standard text."""
    texts.reset(known(tone), by=request.member, at=clock.now())
    messages.info(request, _("The reminder says the standard text again."))
    return redirect("billing:reminder_texts")


@requires(permissions.COLLECT)
@require_safe
def reminder_letter(request: Any, pk: UUID) -> HttpResponse:
    """A reminder of one invoice on paper. Printing it sends nothing."""
    row = found(invoices.visible_to(request.member), pk=pk)
    if row.status != row.Status.ISSUED or row.left <= 0:
        raise NothingOpen(number=row.number)
    today = reader().today
    tone = request.GET.get("tone", "")
    tone = tone if tone in TONES else tone_of((today - row.due_date).days)
    organization = request.organization
    sheet = texts.sheet_of(row, tone, organization=organization, on=today)
    made = documents.letter(sheet, language=organization.language)
    return attached(made.bytes, "application/pdf", f"reminder-{row.number}.pdf")
