"""The picker's scan station: one field that takes every code, and what to do next in large letters."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.db.ids import new_id
from prs.operations.fulfilment import permissions, selectors, services
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, WorkSession
from prs.web.kit.access import found, requires
from prs.web.kit.once import once
from prs.web.kit.screens import screen

STAGE = WorkSession.Stage.PICKING
PARTS = {"station": "floor/_station.html"}
SHOWN_SCANS = 6


@requires(permissions.PICK)
@require_POST
@once
def start(request: Any, pk: UUID) -> HttpResponse:
    """Begin to pick an invoice."""
    row = found(selectors.visible_to(request.member), pk=pk)
    services.start_picking(row, by=request.member, at=clock.now())
    return redirect("floor:pick", row.pk)


def at_work(request: Any, pk: UUID) -> tuple[Fulfilment, WorkSession | None]:
    """An invoice, and the reader's picking session of it while it is open."""
    row = found(selectors.visible_to(request.member), pk=pk)
    session = selectors.working(request.member, STAGE)
    return row, session if session is not None and session.fulfilment_id == row.pk else None


def open_session(request: Any, pk: UUID) -> WorkSession:
    """The reader's picking session of an invoice.

    :raises SessionOver: there is none.
    """
    _row, session = at_work(request, pk)
    if session is None:
        raise services.SessionOver
    return session


def station_screen(request: Any, session: WorkSession, said: str = "") -> HttpResponse:
    """The station as it stands; `said` is what the last scan did."""
    row = session.fulfilment
    lines = selectors.lines_of(row)
    following = next((line for line in lines if not line.whole), None)
    context = {
        "row": row,
        "session": session,
        "lines": lines,
        "following": following,
        "progress": selectors.progress_of(lines),
        "scans": selectors.scans_of(session)[:SHOWN_SCANS],
        "reasons": FulfilmentLine.Reason.choices,
        "said": said,
        "key": new_id(),
    }
    return screen(request, "floor/pick.html", context, parts=PARTS)


@requires(permissions.PICK)
@require_GET
def station(request: Any, pk: UUID) -> HttpResponse:
    """What to take from which shelf now."""
    row, session = at_work(request, pk)
    if session is None:
        return redirect("floor:work", row.pk)
    return station_screen(request, session)


def answer(request: Any, session: WorkSession, said: str) -> HttpResponse:
    """The station after something was done: its part, or the page for a browser without scripts."""
    if not request.htmx:
        messages.success(request, said)
        return redirect("floor:pick", session.fulfilment_id)
    return station_screen(request, session, said)


def key_of(request: Any) -> UUID:
    """The id by which a scan counts once; a new one where the form carried none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return new_id()


def quantity_of(text: str) -> Decimal:
    """How often a code was scanned: a number, one when none was written.

    :raises QuantityMissing: it is no number.
    """
    try:
        quantity = Decimal(text.strip().replace(",", ".") or "1")
    except InvalidOperation as error:
        raise services.QuantityMissing from error
    if not quantity.is_finite() or abs(quantity) > 1_000_000:
        raise services.QuantityMissing
    return quantity


@requires(permissions.PICK)
@require_POST
def scan(request: Any, pk: UUID) -> HttpResponse:
    """Count the code that was scanned."""
    session = open_session(request, pk)
    code = request.POST.get("code", "").strip()[:200]
    if not code:
        raise services.UnknownCode(code="")
    sent = services.Scanned(
        key_of(request),
        code,
        quantity_of(request.POST.get("quantity", "")),
        request.POST.get("out_of_turn", "").strip()[:300],
    )
    made = services.scan(session, sent, by=request.member, at=clock.now())
    words = {"quantity": f"{made.quantity.normalize():f}", "product": made.line.description}
    return answer(request, session, _("%(quantity)s × %(product)s") % words)


def named_line(request: Any, session: WorkSession) -> FulfilmentLine:
    """The line that a form names."""
    try:
        pk = UUID(request.POST.get("line", ""))
    except ValueError as error:
        raise Http404 from error
    lines = selectors.lines_of(session.fulfilment)
    line = next((each for each in lines if each.pk == pk), None)
    if line is None:
        raise Http404
    return line


@requires(permissions.PICK)
@require_POST
def tick(request: Any, pk: UUID) -> HttpResponse:
    """Count the rest of a line that has nothing to scan."""
    session = open_session(request, pk)
    line = named_line(request, session)
    services.tick(session, line, key=key_of(request), by=request.member, at=clock.now())
    return answer(request, session, line.description)


@requires(permissions.PICK)
@require_POST
def short(request: Any, pk: UUID) -> HttpResponse:
    """Leave out what isn't there, and say why."""
    session = open_session(request, pk)
    line = named_line(request, session)
    services.leave_short(
        session,
        line,
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
        by=request.member,
        at=clock.now(),
    )
    return answer(request, session, _("%(product)s is left short.") % {"product": line.description})


@requires(permissions.PICK)
@require_POST
def undo(request: Any, pk: UUID) -> HttpResponse:
    """Take back the scan that was last."""
    session = open_session(request, pk)
    last = selectors.scans_of(session).filter(undone_at__isnull=True).first()
    if last is None:
        raise services.NothingToUndo
    services.undo_scan(last, by=request.member, at=clock.now())
    return answer(
        request, session, _("%(product)s was put back.") % {"product": last.line.description}
    )


@requires(permissions.PICK)
@require_POST
@once
def finish(request: Any, pk: UUID) -> HttpResponse:
    """End picking: the goods leave stock."""
    row = services.finish_picking(open_session(request, pk), by=request.member, at=clock.now())
    messages.success(request, _("%(number)s is picked.") % {"number": row.number})
    return redirect("floor:queue")


@requires(permissions.PICK)
@require_POST
@once
def leave(request: Any, pk: UUID) -> HttpResponse:
    """Give the work up: the invoice waits again, and the goods go back to their shelves."""
    session = open_session(request, pk)
    services.cancel_session(session, reason="", by=request.member, at=clock.now())
    messages.success(
        request,
        _("%(number)s waits again. Put back what you took.")
        % {"number": session.fulfilment.number},
    )
    return redirect("floor:queue")
