"""Delivering: over the counter, by courier, by a driver of ours; each by its own rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from prs.kernel.activity.services import announce, record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.files import CheckedFile
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.services import keep_file
from prs.operations.fulfilment import events, permissions, rules
from prs.operations.fulfilment.models import Courier, Delivery, Fulfilment
from prs.operations.fulfilment.services.moving import (
    STATES,
    explained,
    held,
    move,
    refuse_unentitled,
)
from prs.operations.fulfilment.services.refusals import (
    CompanyMissing,
    CourierCodeTaken,
    CourierInactive,
    DeliveryOver,
    DeliveryThere,
    NotYourDelivery,
    PickupIncomplete,
    ProofMissing,
    TrackingMissing,
    TrackingWrong,
)

WAYS, STANDS = Delivery.Way, Delivery.State
PHONE = re.compile(r"\d{7,15}")
SEES = "fulfilment.view"
REFUSALS: dict[str, type[Refusal]] = {"delivery_one_per_invoice": DeliveryThere}


@dataclass(frozen=True)
class Pickup:
    """Who picks something up at the counter; for a company, for which."""

    person: str
    phone: str
    company: str = ""
    for_company: bool = False


@dataclass(frozen=True)
class Proof:
    """What a driver brings back: who took it, a photo or a signature, and where that was."""

    person: str
    photo: CheckedFile | None = None
    signature: CheckedFile | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy: int | None = None
    note: str = ""


# --- couriers -------------------------------------------------------------------------------------


@transaction.atomic
def add_courier(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Courier:
    """Add a courier.

    :raises CourierCodeTaken: another has the code.
    """
    with refusing({"courier_code_unique": CourierCodeTaken}):
        courier: Courier = Courier.objects.create(**fields)
    record(events.COURIER_ADDED, courier, by=by, at=at, after=dict(fields))
    return courier


@transaction.atomic
def change_courier(
    courier: Courier, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Courier:
    """Change what is known of a courier.

    :raises Stale: somebody else changed it meanwhile.
    """
    with refusing({"courier_code_unique": CourierCodeTaken}):
        before = write_version(courier, fields)
    record(events.COURIER_SET, courier, by=by, at=at, before=before, after=dict(fields))
    return courier


# --- over the counter -----------------------------------------------------------------------------


@transaction.atomic
def pick_up(fulfilment: Fulfilment, pickup: Pickup, *, by: Member, at: datetime) -> Delivery:
    """Hand an invoice's boxes to whoever came for them.

    :raises PickupIncomplete: it isn't said who that is.
    :raises CompanyMissing: it isn't said for which company.
    :raises DeliveryThere: a courier or a driver has it.
    """
    refuse_unentitled(by, permissions.DELIVER)
    if not pickup.person.strip() or not PHONE.fullmatch(re.sub(r"[\s+()/-]", "", pickup.phone)):
        raise PickupIncomplete
    if pickup.for_company and not pickup.company.strip():
        raise CompanyMissing
    row = held(fulfilment, STATES.PACKED)
    made = new_delivery(
        row,
        WAYS.COUNTER,
        by=by,
        at=at,
        state=STANDS.DELIVERED,
        person=pickup.person.strip()[:150],
        phone=pickup.phone.strip()[:32],
        company=pickup.company.strip()[:200],
        left_at=at,
        ended_at=at,
        ended_by=by,
    )
    arrive(row, made, by=by, at=at)
    return made


def new_delivery(
    fulfilment: Fulfilment, way: str, *, by: Member, at: datetime, **fields: Any
) -> Delivery:
    """A delivery of an invoice that is held.

    :raises DeliveryThere: it has one.
    """
    with refusing(REFUSALS):
        made: Delivery = Delivery.objects.create(
            fulfilment=fulfilment, way=way, by=by, at=at, **fields
        )
    return made


def arrive(
    fulfilment: Fulfilment, delivery: Delivery, *, by: Member, at: datetime, reason: str = ""
) -> None:
    """Let an invoice be delivered."""
    move(fulfilment, STATES.DELIVERED, by=by, at=at, reason=reason)
    record(events.DELIVERED, fulfilment, by=by, at=at, words={"person": delivery.person})


# --- by courier -----------------------------------------------------------------------------------


@transaction.atomic
def give_to_courier(
    fulfilment: Fulfilment, courier: Courier, *, note: str = "", by: Member, at: datetime
) -> Delivery:
    """Choose the courier of an invoice's boxes. They leave when the slip or the number is there.

    :raises CourierInactive: it isn't in use.
    :raises DeliveryThere: somebody has it.
    """
    refuse_unentitled(by, permissions.DELIVER)
    refuse_inactive(courier)
    row = held(fulfilment, STATES.PACKED)
    made = new_delivery(row, WAYS.COURIER, by=by, at=at, courier=courier, note=note.strip()[:1000])
    record(events.ASSIGNED, row, by=by, at=at, words={"carrier": courier.name})
    return made


def refuse_inactive(courier: Courier) -> None:
    """Refuse a courier that isn't in use.

    :raises CourierInactive: it isn't.
    """
    if not courier.active:
        raise CourierInactive(name=courier.name)


def running(delivery: Delivery, *ways: str) -> tuple[Delivery, Fulfilment]:
    """A delivery that isn't over, with its invoice, which is held until the commit.

    :raises DeliveryOver: it is, or it goes another way.
    """
    fulfilment = held(delivery.fulfilment)
    rows = Delivery.objects.select_related("courier", "driver").filter(pk=delivery.pk)
    row = rows.filter(state__in=[STANDS.ASSIGNED, STANDS.IN_TRANSIT]).first()
    if row is None or (ways and row.way not in ways):
        raise DeliveryOver
    return row, fulfilment


@transaction.atomic
def take_another_courier(
    delivery: Delivery, courier: Courier, *, reason: str = "", by: Member, at: datetime
) -> Delivery:
    """Give a parcel to another courier; number and slip of the first one no longer count.

    :raises DeliveryOver: it left already.
    """
    refuse_unentitled(by, permissions.DELIVER)
    refuse_inactive(courier)
    row, fulfilment = running(delivery, WAYS.COURIER)
    if row.state != STANDS.ASSIGNED:
        raise DeliveryOver
    before = row.courier
    row.courier, row.tracking, row.slip = courier, "", None
    row.save(update_fields=["courier", "tracking", "slip"])
    words = {
        "carrier": courier.name,
        "before": before.name if before else "",
        "reason": reason.strip(),
    }
    record(events.COURIER_CHANGED, fulfilment, by=by, at=at, words=words)
    return row


@transaction.atomic
def send(
    delivery: Delivery,
    *,
    tracking: str = "",
    slip: CheckedFile | None = None,
    by: Member,
    at: datetime,
) -> Delivery:
    """Hand a parcel to its courier, with the number or the slip by which it is followed.

    :raises TrackingMissing: there is neither.
    :raises TrackingWrong: the number doesn't look like this courier's.
    :raises DeliveryOver: it left already, or was cancelled.
    """
    refuse_unentitled(by, permissions.DELIVER)
    row, fulfilment = running(delivery, WAYS.COURIER)
    courier = row.courier
    if row.state != STANDS.ASSIGNED or courier is None:
        raise DeliveryOver
    number = tracking.strip().upper()[:60]
    if not number and slip is None:
        raise TrackingMissing
    if number and not rules.follows(number, courier.tracking_pattern):
        raise TrackingWrong(tracking=number, name=courier.name, pattern=courier.tracking_pattern)
    row.tracking = number
    row.slip = keep_file(slip, at=at) if slip else None
    leave(row, fulfilment, carrier=courier.name, fields=["tracking", "slip"], by=by, at=at)
    return row


def leave(
    delivery: Delivery,
    fulfilment: Fulfilment,
    *,
    carrier: str,
    fields: Sequence[str] = (),
    by: Member,
    at: datetime,
) -> None:
    """Let goods be on their way."""
    delivery.state, delivery.left_at = STANDS.IN_TRANSIT, at
    delivery.save(update_fields=["state", "left_at", *fields])
    move(fulfilment, STATES.DISPATCHED, by=by, at=at)
    record(events.DISPATCHED, fulfilment, by=by, at=at, words={"carrier": carrier})


@transaction.atomic
def confirm(delivery: Delivery, *, person: str = "", by: Member, at: datetime) -> Delivery:
    """Say that a courier delivered.

    :raises DeliveryOver: it isn't on its way.
    """
    refuse_unentitled(by, permissions.DELIVER)
    row, fulfilment = running(delivery, WAYS.COURIER)
    if row.state != STANDS.IN_TRANSIT:
        raise DeliveryOver
    row.person = person.strip()[:150] or (row.courier.name if row.courier else "")
    finish(row, STANDS.DELIVERED, fields=["person"], by=by, at=at)
    arrive(fulfilment, row, by=by, at=at)
    return row


def finish(
    delivery: Delivery, state: str, *, fields: Sequence[str] = (), by: Member, at: datetime
) -> None:
    """End a delivery."""
    delivery.state, delivery.ended_at, delivery.ended_by = state, at, by
    delivery.save(update_fields=["state", "ended_at", "ended_by", *fields])


# --- by our own driver ----------------------------------------------------------------------------


@transaction.atomic
def give_to_driver(
    fulfilment: Fulfilment, driver: Member, *, note: str = "", by: Member, at: datetime
) -> Delivery:
    """Choose who drives an invoice's boxes to the customer.

    :raises NotForYou: who is chosen doesn't deliver.
    :raises DeliveryThere: somebody has it.
    """
    refuse_unentitled(by, permissions.DELIVER)
    refuse_unentitled(driver, permissions.DELIVER)
    row = held(fulfilment, STATES.PACKED)
    last = route_of(driver).last()
    made = new_delivery(
        row,
        WAYS.DRIVER,
        by=by,
        at=at,
        driver=driver,
        note=note.strip()[:1000],
        stop=(last.stop if last else 0) + 1,
    )
    record(events.ASSIGNED, row, by=by, at=at, words={"carrier": driver.name})
    return made


def route_of(driver: Member) -> QuerySet[Delivery]:
    """What a driver has to deliver, in the order of the stops."""
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        driver=driver, state__in=[STANDS.ASSIGNED, STANDS.IN_TRANSIT]
    )
    return rows.select_related("fulfilment__invoice__customer").order_by("stop", "at", "pk")


@transaction.atomic
def put_in_order(driver: Member, stops: Sequence[Delivery], *, by: Member, at: datetime) -> None:
    """Say in which order a driver stops; what isn't named comes last, as it was."""
    if by.pk != driver.pk:
        refuse_unentitled(by, permissions.LEAD)
    places = {delivery.pk: place for place, delivery in enumerate(stops, start=1)}
    rows = list(route_of(driver))
    for turn, row in enumerate(rows, start=len(places) + 1):
        row.stop = places.get(row.pk, turn)
    Delivery.objects.bulk_update(rows, ["stop"])
    if rows:
        announce("fulfilment", rows[0].fulfilment, at=at, permission=SEES)


def driven(delivery: Delivery, *, by: Member) -> tuple[Delivery, Fulfilment]:
    """A driver's own delivery that isn't over.

    :raises NotYourDelivery: another drives it.
    """
    row, fulfilment = running(delivery, WAYS.DRIVER)
    if row.driver_id != by.pk:
        raise NotYourDelivery(name=row.driver.name if row.driver else "")
    return row, fulfilment


@transaction.atomic
def accept(delivery: Delivery, *, by: Member, at: datetime) -> Delivery:
    """Take an invoice's boxes into the car.

    :raises NotYourDelivery: another drives it.
    :raises DeliveryOver: it left already, or was cancelled.
    """
    refuse_unentitled(by, permissions.DELIVER)
    row, fulfilment = driven(delivery, by=by)
    if row.state != STANDS.ASSIGNED:
        raise DeliveryOver
    leave(row, fulfilment, carrier=by.name, by=by, at=at)
    return row


@transaction.atomic
def bring(delivery: Delivery, proof: Proof, *, by: Member, at: datetime) -> Delivery:
    """Say that it was brought, by the driver and with a proof.

    :raises ProofMissing: nobody took it, or nothing shows that.
    :raises NotYourDelivery: another drives it.
    :raises DeliveryOver: it isn't on its way.
    """
    refuse_unentitled(by, permissions.DELIVER)
    row, fulfilment = driven(delivery, by=by)
    if row.state != STANDS.IN_TRANSIT:
        raise DeliveryOver
    if not proof.person.strip() or (proof.photo is None and proof.signature is None):
        raise ProofMissing
    row.person, row.note = proof.person.strip()[:150], proof.note.strip()[:1000] or row.note
    row.photo = keep_file(proof.photo, at=at) if proof.photo else None
    row.signature = keep_file(proof.signature, at=at) if proof.signature else None
    row.latitude, row.longitude = proof.latitude, proof.longitude
    row.accuracy = proof.accuracy
    said = ["person", "note", "photo", "signature", "latitude", "longitude", "accuracy"]
    finish(row, STANDS.DELIVERED, fields=said, by=by, at=at)
    arrive(fulfilment, row, by=by, at=at)
    return row


@transaction.atomic
def cancel_delivery(delivery: Delivery, *, reason: str, by: Member, at: datetime) -> Fulfilment:
    """Take an invoice's boxes back: they wait packed again.

    :raises ReasonMissing: nobody said why.
    :raises DeliveryOver: it was delivered.
    """
    refuse_unentitled(by, permissions.DELIVER, permissions.LEAD)
    why = explained(reason)[:1000]
    row, fulfilment = running(delivery)
    row.note = why
    finish(row, STANDS.CANCELLED, fields=["note"], by=by, at=at)
    if fulfilment.state == STATES.DISPATCHED:
        move(fulfilment, STATES.PACKED, by=by, at=at, reason=why)
    record(events.DELIVERY_CANCELLED, fulfilment, by=by, at=at, words={"reason": why})
    return fulfilment


def stop_delivery(fulfilment: Fulfilment, *, by: Member | None, at: datetime, reason: str) -> None:
    """End what runs of an invoice that goes back to billing."""
    rows = Delivery.objects.filter(
        fulfilment=fulfilment, state__in=[STANDS.ASSIGNED, STANDS.IN_TRANSIT]
    )
    for row in rows.select_related("by"):
        row.note = reason[:1000]
        finish(row, STANDS.CANCELLED, fields=["note"], by=by or row.by, at=at)
