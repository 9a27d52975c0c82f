"""What an event is, and what is told of it. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any, Protocol
from uuid import UUID

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


@dataclass(frozen=True)
class Event:
    """Something that can happen.

    `told` names permissions whose holders are told, `told_as` attributes of the subject that hold a
    member's id. `sees` is the permission that a live stream needs to be sent the event. `mail` says
    whether those told get mail too unless they chose otherwise.
    """

    code: str
    title: Any
    sentence: Any
    told: tuple[str, ...] = ()
    told_as: tuple[str, ...] = ()
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
