"""The journal: entries, drafts by hand, approval, reversal, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import permissions, selectors, services
from prs.ledgers.bookkeeping.rules import DRAFT
from prs.web.books import naming
from prs.web.books.forms import EntryForm, LineFormSet, RecurringForm, ReverseForm, WhyForm
from prs.web.books.tables import DRAFTS, ENTRIES, journal_rows
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import file_response
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

BY_HAND = frozenset({DRAFT, "bookkeeping.revaluation"})


@requires(permissions.VIEW)
def entries(request: Any) -> HttpResponse:
    """Everything that is posted, newest first."""
    return ENTRIES.show(request, journal_rows(request))


@requires(permissions.VIEW)
@require_safe
def entry(request: Any, pk: UUID) -> HttpResponse:
    """One journal entry with its lines, and the document that posted it."""
    row = found(selectors.entries().select_related("reverses"), pk=pk)
    lines = list(selectors.lines_of([row.pk]))
    of = selectors.source_of(row)
    draft = selectors.draft_of(row.pk)
    undone = selectors.reversal_of(row)
    context = {
        "entry": row,
        "lines": lines,
        "foreign": any(line.currency != request.organization.currency for line in lines),
        "kind": naming.kind_label(of.source_kind),
        "document": naming.document_url(of.source_kind, of.source_id),
        "names": naming.parties([line.party_id for line in lines]),
        "places": naming.dimensions(lines),
        "currency": request.organization.currency,
        "draft": draft,
        "undone": undone,
        "may_reverse": undone is None
        and row.reverses_id is None
        and row.source_kind in BY_HAND
        and request.member.may(permissions.APPROVE)
        and (draft is None or draft.submitted_by_id != request.member.pk),
    }
    return screen(request, "books/entry.html", context)


@requires(permissions.APPROVE)
@once
def reverse(request: Any, pk: UUID) -> HttpResponse:
    """Undo an entry that was written by hand, with the reason."""
    row = found(selectors.entries(), pk=pk)
    form = ReverseForm(request.POST or None, initial={"on": reader().today})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        undone = services.reverse_by_hand(
            row, reason=data["reason"], on=data["on"], by=request.member, at=clock.now()
        )
        messages.info(request, _("Posted as %(number)s.") % {"number": undone.number})
        return redirect("books:entry", undone.pk)
    words = {
        "title": _("Reverse %(number)s") % {"number": row.number},
        "why": _("The same lines are posted with their sides exchanged. Both entries stay."),
        "press": _("Reverse the entry"),
        "back": redirect("books:entry", row.pk).url,
    }
    return edit_screen(request, "books/step.html", form, words)


# --- drafts -------------------------------------------------------------------------------------------


@requires(permissions.VIEW)
def drafts(request: Any) -> HttpResponse:
    """What people wrote, and what waits for approval."""
    return DRAFTS.show(request, selectors.drafts())


def suggestions() -> dict[str, Any]:
    """What the browser suggests while an account is typed."""
    return {"accounts": selectors.leaves()}


def entry_form(
    request: Any,
    form: Any,
    lines: Any,
    save: Callable[[Any], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """The page of an entry by hand; posted without fault, it is saved."""
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            return save(form.written(lines))
        except Stale:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    faulty = form.is_bound and bool(form.errors or lines.total_error_count())
    words = {"form": form, "lines": lines, **suggestions(), **context}
    return screen(request, "books/draft_form.html", words, status=422 if faulty else 200)


@requires(permissions.EDIT)
@once
def add_draft(request: Any) -> HttpResponse:
    """Write an entry by hand."""
    home = request.organization.currency
    form = EntryForm(
        request.POST or None,
        request.FILES or None,
        initial={"on": reader().today, "currency": home},
        home=home,
    )

    def save(written: Any) -> HttpResponse:
        row = services.write(written, by=request.member, at=clock.now())
        if request.POST.get("then") == "submit":
            services.submit(row, by=request.member, at=clock.now())
        return redirect("books:draft", row.pk)

    return entry_form(request, form, LineFormSet(request.POST or None, prefix="lines"), save)


@requires(permissions.VIEW)
@require_safe
def draft(request: Any, pk: UUID) -> HttpResponse:
    """One draft: its lines, what is attached, and what may be done with it."""
    row = found(
        selectors.drafts().select_related("written_by", "submitted_by", "decided_by", "entry"),
        pk=pk,
    )
    lines = list(selectors.draft_lines(row))
    may, mine = request.member.may, row.submitted_by_id == request.member.pk
    context = {
        "draft": row,
        "lines": lines,
        "balanced": len(lines) > 1 and not sum(line.amount for line in lines),
        "names": naming.parties([line.party_id for line in lines]),
        "places": naming.dimensions(lines),
        "events": timeline(row),
        "may_edit": row.state == "draft" and may(permissions.EDIT),
        "may_decide": row.state == "submitted" and may(permissions.APPROVE) and not mine,
        "mine": row.state == "submitted" and mine,
    }
    return screen(request, "books/draft.html", context)


@requires(permissions.EDIT)
@once
def edit_draft(request: Any, pk: UUID) -> HttpResponse:
    """Write a draft anew."""
    row = found(selectors.drafts().filter(state="draft"), pk=pk)
    home = request.organization.currency
    first = {
        "on": row.entry_date,
        "description": row.description,
        "currency": row.currency,
        "rate": row.rate,
        "version": row.version,
    }
    form = EntryForm(request.POST or None, request.FILES or None, initial=first, home=home)
    rows = list(selectors.draft_lines(row))
    names = naming.parties([line.party_id for line in rows])
    initial = [
        {
            "account": line.account,
            "memo": line.memo,
            "debit": line.amount if line.amount > 0 else None,
            "credit": -line.amount if line.amount < 0 else None,
            "party": " ".join(names.get(line.party_id, ("",))),
            "branch": line.branch_id,
            "project": line.project_id,
            "member": line.member_id,
        }
        for line in rows
    ]
    lines = LineFormSet(request.POST or None, prefix="lines", initial=initial)
    for each in lines.forms:
        # What stands in the form is the draft, whether it was touched or not.
        each.empty_permitted = not each.initial
        for name in ("debit", "credit"):
            each.fields[name].currency = row.currency

    def save(written: Any) -> HttpResponse:
        version = form.cleaned_data.get("version") or 0
        services.rewrite(row, written, version=version, by=request.member, at=clock.now())
        if request.POST.get("then") == "submit":
            services.submit(row, by=request.member, at=clock.now())
        return redirect("books:draft", row.pk)

    return entry_form(request, form, lines, save, draft=row)


def step(verb: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A view that takes a draft one step further."""

    def view(request: Any, pk: UUID) -> HttpResponse:
        row = found(selectors.drafts(), pk=pk)
        verb(row, by=request.member, at=clock.now())
        return redirect("books:draft", row.pk)

    view.__name__ = verb.__name__
    return view


submit_draft = requires(permissions.EDIT)(require_POST(step(services.submit)))
discard_draft = requires(permissions.EDIT)(require_POST(step(services.discard)))


@requires(permissions.APPROVE)
@require_POST
def approve_draft(request: Any, pk: UUID) -> HttpResponse:
    """Post what somebody else handed in."""
    row = found(selectors.drafts(), pk=pk)
    posted = services.approve(row, by=request.member, at=clock.now())
    messages.info(request, _("Posted as %(number)s.") % {"number": posted.number})
    return redirect("books:entry", posted.pk)


@requires(permissions.APPROVE)
def return_draft(request: Any, pk: UUID) -> HttpResponse:
    """Return a draft to whoever handed it in."""
    row = found(selectors.drafts().filter(state="submitted"), pk=pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.send_back(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        return redirect("books:draft", row.pk)
    words = {
        "title": _("Return “%(what)s”") % {"what": row.description},
        "why": _("Whoever handed it in reads this and corrects it."),
        "press": _("Return it"),
        "back": redirect("books:draft", row.pk).url,
    }
    return edit_screen(request, "books/step.html", form, words)


@requires(permissions.EDIT)
@require_POST
def copy_draft(request: Any, pk: UUID) -> HttpResponse:
    """Write a new draft with the same lines, dated today."""
    row = found(selectors.drafts(), pk=pk)
    made = services.copy(row, on=reader().today, by=request.member, at=clock.now())
    return redirect("books:edit_draft", made.pk)


@requires(permissions.VIEW)
@require_safe
def draft_file(request: Any, pk: UUID) -> HttpResponseBase:
    """What is attached to a draft."""
    row = found(selectors.drafts().select_related("file"), pk=pk)
    if row.file is None:
        raise Http404
    return file_response(row.file, inline=True)


# --- what comes back ----------------------------------------------------------------------------------


@requires(permissions.VIEW)
@require_safe
def recurring(request: Any) -> HttpResponse:
    """Entries that come back, and when they come next."""
    may = request.member.may
    rows = [
        {
            "row": row,
            "next": services.next_due(row),
            "lines": selectors.draft_lines(row.template),
            "may_approve": row.mode == "post"
            and row.approved_by_id is None
            and row.made_by_id != request.member.pk
            and may(permissions.APPROVE),
        }
        for row in selectors.recurring()
    ]
    context = {"rows": rows, "may_edit": may(permissions.EDIT)}
    return screen(request, "books/recurring.html", context)


@requires(permissions.EDIT)
@once
def add_recurring(request: Any) -> HttpResponse:
    """Set up an entry that comes back."""
    home = request.organization.currency
    form = RecurringForm(
        request.POST or None, initial={"on": reader().today, "currency": home}, home=home
    )

    def save(written: Any) -> HttpResponse:
        data = form.cleaned_data
        services.set_up(
            written,
            every=data["every"],
            mode=data["mode"],
            starts_on=data["on"],
            ends_on=data["ends_on"],
            by=request.member,
            at=clock.now(),
        )
        return redirect("books:recurring")

    lines = LineFormSet(request.POST or None, prefix="lines")
    return entry_form(request, form, lines, save, repeats=True)


@requires(permissions.APPROVE)
@require_POST
def approve_recurring(request: Any, pk: UUID) -> HttpResponse:
    """Let a recurring entry post by itself."""
    row = found(selectors.recurring(), pk=pk)
    services.approve_recurring(row, by=request.member, at=clock.now())
    return redirect("books:recurring")


@requires(permissions.EDIT)
@require_POST
def switch_recurring(request: Any, pk: UUID) -> HttpResponse:
    """Stop a recurring entry, or let it run again."""
    row = found(selectors.recurring(), pk=pk)
    services.switch(row, active=not row.active, by=request.member, at=clock.now())
    return redirect("books:recurring")
