"""What other systems asked, and how they were answered."""

from __future__ import annotations

from typing import Any

import django_filters
from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import ApiKey
from prs.kernel.identity.permissions import EDIT_KEYS
from prs.web.kit.access import requires
from prs.web.kit.columns import Age, Number, Status, Table, Text
from prs.web.kit.lists import Empty, List


def outcome(status: int) -> tuple[str, Any]:
    """How a request ended, from its HTTP status."""
    if status < 300:
        return "done", _("{status} done").format(status=status)
    if status < 500:
        return "attention", _("{status} refused").format(status=status)
    return "stopped", _("{status} failed").format(status=status)


class RequestTable(Table):
    key = Text(_("Key"), accessor="key__name", css="lead")
    subject = Text(_("About"))
    method = Text(_("Method"), css="mid")
    path = Text(_("Address"), css="clip wide")
    status = Status(_("Answer"), shows=outcome)
    milliseconds = Number(_("ms"))
    size = Number(_("Bytes"), visible=False)
    address = Text(_("From"), css="wide", visible=False)
    request_id = Text(_("Code"), css="wide", visible=False)
    at = Age(_("When"))

    class Meta:
        fields = ()
        order_by = ("-at", "-pk")


class RequestFilter(django_filters.FilterSet):
    key = django_filters.ModelChoiceFilter(
        label=_("Key"), queryset=lambda _request: ApiKey.objects.order_by("name", "pk")
    )
    answer = django_filters.ChoiceFilter(
        label=_("Answer"),
        choices=(("2", _("done")), ("4", _("refused")), ("5", _("failed"))),
        method="by_answer",
    )

    def by_answer(self, rows: QuerySet[Any], _name: str, digit: str) -> QuerySet[Any]:
        """Requests whose status begins with a digit."""
        return rows.filter(status__gte=int(digit) * 100, status__lt=int(digit) * 100 + 100)


def requests() -> QuerySet[Any]:
    """What other systems asked of the current organization.

    The two doors, pages and API, do not import each other; the log is asked for by its name.
    """
    return apps.get_model("api", "ApiRequest").objects.select_related("key")


def crumbs(_request: Any) -> list[tuple[Any, str]]:
    """The way here."""
    return [(_("API keys"), reverse("office:keys"))]


REQUESTS = List(
    name="api_requests",
    title=_("Requests of other systems"),
    table=RequestTable,
    filters=RequestFilter,
    search=("subject",),
    search_label=_("Number of an invoice"),
    empty=Empty(
        "plug",
        _("No other system has asked for anything"),
        _("Every request of a key is written down here for 90 days, without its content."),
    ),
    crumbs=crumbs,
)


@requires(EDIT_KEYS)
def listed(request: Any) -> HttpResponse:
    """The log of requests."""
    return REQUESTS.show(request, requests())
