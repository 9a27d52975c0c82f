"""What an event is, and what is told of it. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from string import Formatter
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

SECRET_FIELDS = frozenset({"password", "secret", "token", "digest", "key"})


class Actor(Protocol):
    """Who does something: a member, a key of another system, or the system itself."""

    @property
    def pk(self) -> Any: ...

    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class SystemActor:
    """The system acting by schedule, or another system acting through a key."""

    label: str = "PRS"
    pk: UUID | None = None


SYSTEM = SystemActor()


class MailWay(StrEnum):
    """How somebody is written to about a kind of event."""

    NOW = "now"
    DAILY = "daily"
    OFF = "off"


@dataclass(frozen=True)
class Event:
    """Something that can happen.

    `told` names permissions whose holders are told, `told_as` attributes of the subject that hold a
    member's id. `held_as` names those attributes (`payment.recorded_by_id` goes through another row)
    whose member the subject belongs to: holders of a right are told only if their row scope reaches
    that member. Without it the subject is the whole organization's. `sees` is the permission that a
    live stream needs to be sent the event. `mail` says whether those told get mail too unless they
    chose otherwise.
    """

    code: str
    title: Any
    sentence: Any
    told: tuple[str, ...] = ()
    told_as: tuple[str, ...] = ()
    held_as: tuple[str, ...] = ()
    sees: str = ""
    priority: str = "medium"
    category: str = "business"
    mail: bool = False
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())

    @property
    def topic(self) -> str:
        """The first word of the code: what a page listens to."""
        return self.code.split(".", 1)[0]

    @property
    def way(self) -> MailWay:
        """How those told are written to unless they chose otherwise."""
        return MailWay.NOW if self.mail else MailWay.OFF

    @property
    def urgent(self) -> bool:
        """Whether it waits for nobody: it is always shown, and its mail goes out at once."""
        return self.priority == "urgent" or self.category == "security"

    def named(self, subject: Any) -> list[UUID]:
        """The members whom the subject names."""
        return members_in(subject, self.told_as)

    def holders(self, subject: Any) -> list[UUID] | None:
        """The members whose row the subject is; None when it is the whole organization's."""
        return members_in(subject, self.held_as) if self.held_as else None


def members_in(subject: Any, paths: tuple[str, ...]) -> list[UUID]:
    """The ids that stand at paths of attributes; what is empty or missing names nobody."""
    found = []
    for path in paths:
        value = subject
        for name in path.split("."):
            value = getattr(value, name, None)
        if value:
            found.append(value)
    return found


@dataclass(frozen=True)
class Choice:
    """Where a member wants to hear of a kind of event."""

    in_app: bool
    mail: MailWay


@dataclass(frozen=True)
class Hours:
    """When a member is written to, on the clock of the organization.

    The quiet hours begin at the first moment and are over at the second; they may pass midnight.
    """

    digest: int = 8
    quiet_from: time | None = None
    quiet_until: time | None = None

    def quiet_at(self, moment: time) -> bool:
        """Whether a moment of the day lies in the quiet hours."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= moment < self.quiet_until
        return moment >= self.quiet_from or moment < self.quiet_until

    def held_until(self, at: datetime, zone: str) -> datetime | None:
        """The end of the quiet hours that a moment lies in; None when mail may go out."""
        local = at.astimezone(ZoneInfo(zone))
        if self.quiet_until is None or not self.quiet_at(local.time()):
            return None
        days = 0 if local.time() < self.quiet_until else 1
        end = moment_of(local.date() + timedelta(days=days), self.quiet_until, zone)
        # In the night in which an hour comes twice, the first end may have passed already.
        return end if end > at else moment_of(local.date(), self.quiet_until, zone, fold=1)

    def last_digest(self, at: datetime, zone: str) -> tuple[date, datetime]:
        """The day and the moment of the digest that was due last."""
        today = at.astimezone(ZoneInfo(zone)).date()
        due = moment_of(today, time(self.digest), zone)
        if due <= at:
            return today, due
        before = today - timedelta(days=1)
        return before, moment_of(before, time(self.digest), zone)


def moment_of(day: date, clock: time, zone: str, *, fold: int = 0) -> datetime:
    """When a clock of a time zone shows a time on a day, in UTC."""
    local = datetime.combine(day, clock.replace(fold=fold), tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


class Gaps(dict[str, Any]):
    """Words for a sentence; a missing one leaves its name, so an edited text can't break a page."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


class PlainFormatter(Formatter):
    """`str.format` without attribute and index access, because organizations edit these texts."""

    def get_field(self, field_name: str, _args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs[field_name], field_name

    def get_value(self, key: int | str, _args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, _format_spec: str) -> str:
        return str(value)

    def convert_field(self, value: Any, _conversion: Any) -> Any:
        return value


def worded(text: str, words: Mapping[str, Any]) -> str:
    """A sentence with its places filled. Faulty braces leave the sentence as it is written."""
    try:
        return PlainFormatter().vformat(text, (), Gaps(words))
    except ValueError:
        return text


def plain(value: Any) -> Any:
    """A value as JSON can hold it; money and dates as text, so that nothing is rounded."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the audit row keeps them: plain, and secrets only as the fact that they changed."""
    return {
        name: "•••" if SECRET_FIELDS & set(name.split("_")) else plain(value)
        for name, value in fields.items()
    }


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the fields that changed, as they were and as they are."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in changed}, {name: after[name] for name in changed}
