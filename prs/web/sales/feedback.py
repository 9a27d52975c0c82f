"""How content a customer is: the page behind the signed link, for anybody who has it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import translation

from prs.kernel import clock
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties import selectors
from prs.masterdata.parties.models import Feedback
from prs.masterdata.parties.services import feedback as feedback_verbs
from prs.web.kit.access import public
from prs.web.kit.screens import screen
from prs.web.sales.customer_forms import FeedbackForm

TEMPLATE = "sales/customer_feedback.html"


@public
def feedback(request: Any, token: str) -> HttpResponse:
    """Three faces and a line of text, answered once."""
    named = selectors.read_token(token)
    if named is None:
        return screen(request, TEMPLATE, {"row": None}, status=404)
    organization_id, feedback_id = named
    # The answer is drawn inside: what it shows belongs to the organization.
    with tenant_context(organization_id):
        row = selectors.asked_feedback(feedback_id)
        if row is None:
            return screen(request, TEMPLATE, {"row": None}, status=404)
        with translation.override(row.organization.language):
            return answered(request, row).render()  # type: ignore[attr-defined]


def answered(request: Any, row: Feedback) -> HttpResponse:
    """Take an answer that was posted; show the question, the thanks, or that it is too late."""
    at = clock.now()
    form = FeedbackForm(request.POST or None)
    late = row.expires_at <= at
    if request.method == "POST" and form.is_valid() and not late and row.answered_at is None:
        row = feedback_verbs.answer(row, at=at, **form.cleaned_data)
    context = {"row": row, "form": form, "late": late, "organization": row.organization}
    faulty = form.is_bound and bool(form.errors) and row.answered_at is None and not late
    return screen(request, TEMPLATE, context, status=422 if faulty else 200)
