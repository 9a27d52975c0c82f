"""Setting up: tills, the rules of selling, and PINs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member, Role
from prs.operations.till import events, rules
from prs.operations.till.models import Pin, Till, TillRule, TillSetting
from prs.operations.till.services.refusals import (
    NotAStorefront,
    PinWrong,
    TillCodeTaken,
    TillNameTaken,
)

REFUSALS: dict[str, type[Refusal]] = {
    "till_code_unique": TillCodeTaken,
    "till_name_unique": TillNameTaken,
    "till_stands_in_a_storefront": NotAStorefront,
}


@transaction.atomic
def add_till(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Till:
    """Set up a till at a storefront.

    :raises TillCodeTaken: another till has the code.
    :raises TillNameTaken: another till there has the name.
    :raises NotAStorefront: the place is none.
    """
    with refusing(REFUSALS):
        till: Till = Till.objects.create(**fields)
    record(events.TILL_ADDED, till, by=by, at=at, after=dict(fields))
    return till


@transaction.atomic
def change_till(till: Till, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Till:
    """Change a till.

    :raises Stale: somebody else changed it meanwhile.
    """
    with refusing(REFUSALS):
        before = write_version(till, fields)
    record(events.TILL_CHANGED, till, by=by, at=at, before=before, after=dict(fields))
    return till


@transaction.atomic
def change_setting(
    currency: str, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> TillSetting:
    """Say how an organization sells in a currency."""
    row, _made = TillSetting.objects.get_or_create(currency=currency)
    before = write_version(row, fields)
    record(events.SETTING_CHANGED, row, by=by, at=at, before=before, after=dict(fields))
    return row


@transaction.atomic
def change_rule(
    role: Role, *, line: Decimal, basket: Decimal, by: Member, at: datetime
) -> TillRule:
    """Say how much a role may take off without asking."""
    row, _made = TillRule.objects.update_or_create(
        role=role, defaults={"line_discount": line, "basket_discount": basket}
    )
    after = {"line_discount": line, "basket_discount": basket}
    record(events.RULE_CHANGED, row, by=by, at=at, after=after, words={"role": str(role)})
    return row


@transaction.atomic
def set_pin(member: Member, digits: str, *, by: Member, at: datetime) -> None:
    """Give a member a PIN; the old one is worth nothing any more.

    :raises PinWrong: it is no PIN.
    """
    good = digits.isascii() and digits.isdigit() and len(digits) in rules.PIN_LENGTHS
    if not good or len(set(digits)) == 1:
        raise PinWrong
    Pin.objects.update_or_create(
        member=member,
        defaults={
            "digest": make_password(digits),
            "failures": 0,
            "locked_until": None,
            "changed_at": at,
        },
    )
    record(events.PIN_CHANGED, member, by=by, at=at)


@transaction.atomic
def pin_is_right(member: Member, digits: str, *, at: datetime) -> bool:
    """Whether these digits are a member's PIN. After some wrong ones it says no for a while.

    It answers instead of raising, because what was tried has to be remembered.
    """
    row = Pin.objects.select_for_update(of=("self",), no_key=True).filter(member=member).first()
    if row is None or not member.active or (row.locked_until and row.locked_until > at):
        return False
    if check_password(digits, row.digest):
        if row.failures:
            row.failures, row.locked_until = 0, None
            row.save(update_fields=["failures", "locked_until"])
        return True
    row.failures += 1
    if row.failures >= rules.PIN_TRIES:
        row.failures, row.locked_until = 0, at + timedelta(minutes=rules.PIN_PAUSE_MINUTES)
    row.save(update_fields=["failures", "locked_until"])
    return False
