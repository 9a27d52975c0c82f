"""What waits where, and who is at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from prs.kernel.identity.models import Member
from prs.kernel.identity.rules import Scope
from prs.masterdata.places.selectors import places_of
from prs.operations.fulfilment import permissions, rules
from prs.operations.fulfilment.models import (
    Box,
    BoxContent,
    Courier,
    Delivery,
    Fulfilment,
    FulfilmentLine,
    Scan,
    StateChange,
    Tray,
    TrayUse,
    WorkSession,
)
from prs.operations.invoicing.models import Invoice

STATES = Fulfilment.State


def visible_to(member: Member) -> QuerySet[Fulfilment]:
    """What a member may see: what is picked at the places that the member works with."""
    rows = Fulfilment.objects.select_related("invoice__customer", "place")
    if not member.may(permissions.VIEW):
        return rows.none()
    return rows.filter(Q(place__isnull=True) | Q(place__in=places_of(member)))


def in_turn(rows: QuerySet[Fulfilment]) -> QuerySet[Fulfilment]:
    """The most urgent first, of those the oldest."""
    return rows.order_by("priority", "opened_at", "pk")


def to_pick(member: Member) -> QuerySet[Fulfilment]:
    """What waits to be picked where a member works, in its turn; corrected ones are among them."""
    return in_turn(visible_to(member).filter(state=STATES.INVOICED))


def waiting(member: Member, *states: str) -> QuerySet[Fulfilment]:
    """What stands in some states, in its turn."""
    return in_turn(visible_to(member).filter(state__in=states))


def working(member: Member, stage: str) -> WorkSession | None:
    """What a member has open at a stage."""
    rows = WorkSession.objects.filter(member=member, stage=stage, outcome="")
    found: WorkSession | None = rows.select_related(
        "fulfilment__invoice__customer", "fulfilment__place"
    ).first()
    return found


def open_session_of(fulfilment: Fulfilment) -> WorkSession | None:
    """Who is at work on an invoice."""
    rows = WorkSession.objects.filter(fulfilment=fulfilment, outcome="")
    found: WorkSession | None = rows.select_related("member").first()
    return found


def lines_of(fulfilment: Fulfilment) -> list[FulfilmentLine]:
    """The lines of an invoice as one walks past the shelves: what is left first, then by shelf."""
    rows = FulfilmentLine.objects.filter(fulfilment=fulfilment)
    found = list(rows.select_related("product__unit", "product__thumbnail", "substitutes"))
    return sorted(found, key=lambda line: (line.whole, not line.shelf, line.shelf, line.position))


@dataclass(frozen=True)
class Progress:
    """How far the picking of an invoice is, in lines and in pieces."""

    lines: int
    whole: int
    ordered: Decimal
    picked: Decimal

    @property
    def percent(self) -> int:
        """How much of the lines is done."""
        return self.whole * 100 // self.lines if self.lines else 100


def progress_of(lines: Sequence[FulfilmentLine]) -> Progress:
    """How far lines are picked."""
    zero = Decimal(0)
    return Progress(
        lines=len(lines),
        whole=sum(line.whole for line in lines),
        ordered=sum((line.ordered for line in lines), zero),
        picked=sum((line.picked for line in lines), zero),
    )


def scans_of(session: WorkSession) -> QuerySet[Scan]:
    """What was scanned in a session, the newest first, undone scans too."""
    rows: QuerySet[Scan] = Scan.objects.filter(session=session).select_related("line", "by")
    return rows.order_by("-at", "-pk")


def sessions_of(fulfilment: Fulfilment) -> QuerySet[WorkSession]:
    """Who worked on an invoice, the first first."""
    rows: QuerySet[WorkSession] = WorkSession.objects.filter(fulfilment=fulfilment)
    return rows.select_related("member", "ended_by").order_by("begun_at", "pk")


def steps_of(fulfilment: Fulfilment) -> QuerySet[StateChange]:
    """The steps that an invoice took, the first first."""
    rows: QuerySet[StateChange] = StateChange.objects.filter(fulfilment=fulfilment)
    return rows.order_by("turn")


def sessions_visible_to(member: Member) -> QuerySet[WorkSession]:
    """Sessions for the history: those who lead see everybody's where they work, others their own."""
    rows = WorkSession.objects.select_related("fulfilment__invoice__customer", "member")
    if not member.may(permissions.LEAD):
        return rows.filter(member=member)
    return rows.filter(
        Q(fulfilment__place__isnull=True) | Q(fulfilment__place__in=places_of(member))
    )


# --- packing and delivering -----------------------------------------------------------------------


def to_pack(member: Member) -> QuerySet[Fulfilment]:
    """What waits to be packed or boxed where a member works, in its turn."""
    return waiting(member, STATES.PICKED, STATES.BOXING)


def to_deliver(member: Member) -> QuerySet[Fulfilment]:
    """What is packed and given to nobody yet, in its turn."""
    taken = Delivery.objects.exclude(state=Delivery.State.CANCELLED).values("fulfilment")
    return waiting(member, STATES.PACKED).exclude(pk__in=taken)


def boxes_of(fulfilment: Fulfilment) -> list[Box]:
    """The boxes of an invoice, the first first: box i of as many as there are."""
    return list(Box.objects.filter(fulfilment=fulfilment).order_by("position"))


def contents_of(fulfilment: Fulfilment) -> QuerySet[BoxContent]:
    """What lies in the boxes of an invoice, box by box."""
    rows: QuerySet[BoxContent] = BoxContent.objects.filter(box__fulfilment=fulfilment)
    return rows.select_related("box", "line").order_by("box__position", "line__position")


def trays() -> QuerySet[Tray]:
    """Every tray, by its code."""
    rows: QuerySet[Tray] = Tray.objects.order_by("code", "pk")
    return rows


def trays_of(fulfilment: Fulfilment) -> QuerySet[TrayUse]:
    """The trays that hold an invoice's goods."""
    rows: QuerySet[TrayUse] = TrayUse.objects.filter(fulfilment=fulfilment, freed_at__isnull=True)
    return rows.select_related("tray").order_by("since", "pk")


def couriers() -> QuerySet[Courier]:
    """Every courier, by name."""
    rows: QuerySet[Courier] = Courier.objects.order_by("name", "pk")
    return rows


def deliveries_visible_to(member: Member) -> QuerySet[Delivery]:
    """Deliveries that a member sees: a driver without another task in the warehouse their own."""
    rows = Delivery.objects.select_related(
        "fulfilment__invoice__customer", "courier", "driver", "by", "ended_by"
    )
    if member.role.scope == Scope.OWN:
        return rows.filter(driver=member)
    return rows.filter(fulfilment__in=visible_to(member))


def delivery_of(fulfilment: Fulfilment) -> Delivery | None:
    """How an invoice's boxes leave, or left."""
    rows = Delivery.objects.filter(fulfilment=fulfilment).exclude(state=Delivery.State.CANCELLED)
    found: Delivery | None = rows.select_related("courier", "driver", "by", "ended_by").first()
    return found


def missing_invoices(prefix: str, *, since: date, until: date) -> list[str]:
    """The numbers of a series that no imported invoice of these days has."""
    rows = Invoice.objects.filter(
        origin=Invoice.Origin.IMPORT,
        number__startswith=prefix,
        invoice_date__gte=since,
        invoice_date__lte=until,
    )
    return rules.missing_numbers(rows.values_list("number", flat=True), prefix)
