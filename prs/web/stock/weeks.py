"""Weeks of movements, as those were told of who keep stock."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import COSTS, VIEW
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen


@requires(VIEW)
@require_GET
def week(request: Any, pk: UUID) -> HttpResponse:
    """What moved in a week, by kind, each figure leading to its movements; and what sold most."""
    row = found(stock.weeks(), pk=pk)
    told = stock.week_of(row.starts_on, row.ends_on)
    span = {"since": row.starts_on.isoformat(), "until": row.ends_on.isoformat()}

    def moves(**also: str) -> str:
        return f"{reverse('stock:movements')}?{urlencode({**span, **also})}"

    context = {
        "week": row,
        "told": told,
        "kinds": [(each, moves(kind=each.kind)) for each in told.kinds],
        "sold": [(each, moves(q=each.sku)) for each in told.most_sold],
        "every": moves(),
        "currency": request.organization.currency,
        "sees_costs": request.member.may(COSTS),
    }
    return screen(request, "stock/week.html", context)
