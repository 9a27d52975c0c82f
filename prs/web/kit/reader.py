"""How one reader sees values: figures, days and ages in their language and time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.kernel.money import Money, figure, locale_of, minor_units

MINUTE, HOUR, DAY = 60, 3600, 86_400


@lru_cache(maxsize=64)
def separators(language: str) -> tuple[str, str] | None:
    """Group and decimal sign of a locale, or None where groups are not simply thousands."""
    locale = locale_of(language)
    if locale.decimal_formats[None].pattern != "#,##0.###":
        return None
    symbols = locale.number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


@lru_cache(maxsize=4096)
def day_text(day: date, language: str) -> str:
    """A day as the reader writes it, short but without doubt: “21 Nov 2026”."""
    return format_date(day, "medium", locale=locale_of(language))


@lru_cache(maxsize=4096)
def brief_text(day: date, skeleton: str, language: str) -> str:
    """Some fields of a day in the reader's order: “MMMd” is “Nov 21” or “21. Nov.”."""
    return format_skeleton(skeleton, day, locale=locale_of(language))


@dataclass(frozen=True)
class Reader:
    """Who reads: a language, a time zone, and the moment of reading."""

    language: str
    zone: str
    now: datetime

    @cached_property
    def today(self) -> date:
        """The reader's calendar day."""
        return clock.local_date(self.now, self.zone)

    @cached_property
    def _separators(self) -> tuple[str, str] | None:
        return separators(self.language)

    def figure(self, amount: Decimal, currency: str) -> str:
        """An amount without its currency, with the decimals that its coins have."""
        places = minor_units(currency)
        signs = self._separators
        exact = amount.quantize(Decimal(1).scaleb(-places)) == amount if places < 4 else True
        if signs is None or not exact:
            return figure(Money(currency, amount), self.language)
        text = f"{amount:,.{places}f}"
        if signs != (",", "."):
            text = text.translate({44: signs[0], 46: signs[1]})
        return text

    def number(self, value: Decimal | int) -> str:
        """A number with its thousands grouped."""
        group, point = self._separators or (",", ".")
        text = f"{value:,}"
        return text if (group, point) == (",", ".") else text.translate({44: group, 46: point})

    def day(self, value: date) -> str:
        """A calendar day."""
        return day_text(value, self.language)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def brief(self, value: date, skeleton: str) -> str:
        """Only some fields of a day, where there is no room for more."""
        return brief_text(value, skeleton, self.language)

    def moment(self, value: datetime) -> str:
        """A moment, with the reader's own clock."""
        local = value.astimezone(self._zone)
        return f"{day_text(local.date(), self.language)}, {local:%H:%M}"

    @cached_property
    def _ages(self) -> dict[tuple[str, int], str]:
        return {}

    def age(self, since: datetime) -> str:
        """How long ago, in one unit: “4 min”, “3 h”, “12 days”; a future moment is “now”."""
        seconds = int((self.now - since).total_seconds())
        if seconds < MINUTE:
            key = ("now", 0)
        elif seconds < HOUR:
            key = ("minutes", seconds // MINUTE)
        elif seconds < DAY:
            key = ("hours", seconds // HOUR)
        else:
            key = ("days", seconds // DAY)
        # A page of rows says the same few ages again and again.
        if key not in self._ages:
            self._ages[key] = age_text(*key)
        return self._ages[key]


def age_text(unit: str, count: int) -> str:
    """So many of a unit, in words."""
    words = {
        "now": lambda: _("now"),
        "minutes": lambda: _("%(count)d min"),
        "hours": lambda: _("%(count)d h"),
        "days": lambda: ngettext("%(count)d day", "%(count)d days", count),
    }
    return words[unit]() % {"count": count}


def reader() -> Reader:
    """The reader of the running request."""
    return Reader(get_language() or "en", timezone.get_current_timezone_name(), clock.now())
