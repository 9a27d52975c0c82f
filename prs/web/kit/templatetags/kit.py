"""Template tags of the kit: money, ages, states, icons, and the key of a form that is sent once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from prs.kernel.db.ids import new_id
from prs.kernel.money import Money
from prs.web.kit import columns
from prs.web.kit.reader import reader
from prs.web.kit.states import payment_state

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. `label` says in words what it means when it stands alone."""
    if not label:
        return columns.icon(name)
    return format_html(
        '<svg class="icon" width="20" height="20" role="img" aria-label="{}" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        label,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def money(amount: Money | Decimal | None, currency: str = "") -> SafeString | str:
    """An amount with its currency: `{% money invoice.total invoice.currency %}` or `{% money m %}`."""
    if isinstance(amount, Money):
        return columns.money(amount.amount, amount.currency, reader())
    if amount is None or amount == "":
        return columns.NOTHING
    return columns.money(Decimal(amount), currency, reader())


@register.simple_tag
def age(since: datetime | None, late: int = 0) -> SafeString | str:
    """How long ago a moment was. Past `late` hours it is marked."""
    return columns.NOTHING if since is None else columns.age(since, reader(), late=late)


@register.simple_tag
def status(meaning: Any, word: Any = "", sign: str = "") -> SafeString:
    """A state: `{% status "waiting" _("Waiting") %}`, or a pair of meaning and word."""
    if isinstance(meaning, tuple):
        meaning, word = meaning
    return columns.status(meaning, word, sign)


@register.filter
def day(value: date | None) -> str:
    """A calendar day in the reader's way of writing."""
    return columns.NOTHING if value is None else reader().day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment on the reader's clock."""
    return columns.NOTHING if value is None else reader().moment(value)


@register.filter
def number(value: Any) -> str:
    """A number with its thousands grouped."""
    return columns.NOTHING if value is None else reader().number(value)


@register.simple_tag
def once() -> SafeString:
    """The hidden key that makes a form's post count once, however often it arrives."""
    return format_html('<input type="hidden" name="once" value="{}">', new_id())


@register.filter
def figure(amount: Decimal | None, currency: str) -> str:
    """An amount without its currency, with the decimals that its coins have."""
    return columns.NOTHING if amount is None else reader().figure(amount, currency)


@register.filter
def quantity(value: Decimal | None) -> str:
    """A quantity or a rate, without zeros at its end."""
    return (
        columns.NOTHING
        if value is None
        else reader().number(Decimal(format(value.normalize(), "f")))
    )


@register.simple_tag
def payment_status(code: str) -> SafeString:
    """A payment's state."""
    return columns.status(*payment_state(code))
