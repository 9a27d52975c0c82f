"""Fields that take what people type: amounts as “1.200,50”, days as “fri”, “+30” or “1 dec”."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from babel.dates import get_day_names, get_month_names
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal
from prs.kernel.files import CheckedFile, FileRefused, Kind, checked
from prs.kernel.money import Money, figure, locale_of, parse_amount
from prs.web.kit.reader import reader

STEP = re.compile(r"^([+-])\s*(\d{1,4})\s*([dwmy]?)$")
ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
FIGURES = re.compile(r"^(\d{1,2})[./\- ](\d{1,2})(?:[./\- ](\d{4}|\d{2}))?\.?$")
NAMED = re.compile(r"^(\d{1,2})\.?\s*([^\W\d_]+)\.?,?\s*(\d{4}|\d{2})?$")
NAMED_FIRST = re.compile(r"^([^\W\d_]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})?$")
# English words work in every language: people type them out of habit.
HABITS = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "tod": 0, "tom": 1, "yes": -1}


@lru_cache(maxsize=32)
def month_names(language: str) -> dict[str, int]:
    """Months by the first letters of their names, in a language and in English."""
    names: dict[str, int] = {}
    for locale in ("en", language):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale_of(locale)).items():
                    names[name.lower().rstrip(".")] = number
    return names


@lru_cache(maxsize=32)
def day_names(language: str) -> dict[str, int]:
    """Week days (Monday is 0) by their names, in a language and in English."""
    names: dict[str, int] = {}
    for locale in ("en", language):
        for width in ("wide", "abbreviated", "short"):
            for number, name in get_day_names(width, "format", locale_of(locale)).items():
                names[name.lower().rstrip(".")] = number
    return names


@lru_cache(maxsize=32)
def month_first(language: str) -> bool:
    """Whether a language writes the month before the day (12/31)."""
    pattern = locale_of(language).date_formats["short"].pattern.lower()
    return pattern.index("m") < pattern.index("d")


def begun(names: dict[str, int], text: str) -> int | None:
    """The one number whose name begins with the text (at least two letters)."""
    if text in names:
        return names[text]
    found = {number for name, number in names.items() if len(text) > 1 and name.startswith(text)}
    return found.pop() if len(found) == 1 else None


def parse_day(text: str, *, today: date, language: str) -> date | None:
    """The day that a person means, or None when no reading is certain. Raises nothing.

    “fri” is the next Friday, today included; “+30” is thirty days from today (w, m and y for weeks,
    months and years); a day without a year is the nearest one, at most half a year away.
    """
    typed = " ".join(text.lower().split())
    if typed in HABITS:
        return today + timedelta(days=HABITS[typed])
    try:
        return (
            stepped(typed, today)
            or iso(typed)
            or in_figures(typed, today, language)
            or named(typed, today, language)
            or week_day(typed, today, language)
        )
    except (ValueError, OverflowError):
        return None


def stepped(typed: str, today: date) -> date | None:
    match = STEP.match(typed)
    if not match:
        return None
    count = int(match[2]) * (-1 if match[1] == "-" else 1)
    if match[3] in ("m", "y"):
        return months_later(today, count * (12 if match[3] == "y" else 1))
    return today + timedelta(days=count * (7 if match[3] == "w" else 1))


def months_later(day: date, months: int) -> date:
    """The same day some months on; the month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def iso(typed: str) -> date | None:
    match = ISO.match(typed)
    return date(int(match[1]), int(match[2]), int(match[3])) if match else None


def in_figures(typed: str, today: date, language: str) -> date | None:
    match = FIGURES.match(typed)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    month, day = (first, second) if month_first(language) else (second, first)
    if month > 12 >= day:
        month, day = day, month
    return with_year(day, month, match[3], today)


def named(typed: str, today: date, language: str) -> date | None:
    match = NAMED.match(typed)
    if match:
        day, name, year = match[1], match[2], match[3]
    else:
        match = NAMED_FIRST.match(typed)
        if not match:
            return None
        name, day, year = match[1], match[2], match[3]
    month = begun(month_names(language), name)
    return with_year(int(day), month, year, today) if month else None


def with_year(day: int, month: int, year: str | None, today: date) -> date:
    """The day in the given year, or in the year that brings it nearest to today."""
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    # The 29th of February is in one year only, perhaps.
    near = [
        y for y in (today.year - 1, today.year, today.year + 1) if day <= monthrange(y, month)[1]
    ]
    return min((date(y, month, day) for y in near), key=lambda each: abs(each - today))


def week_day(typed: str, today: date, language: str) -> date | None:
    number = begun(day_names(language), typed.rstrip("."))
    return None if number is None else today + timedelta(days=(number - today.weekday()) % 7)


class DayField(forms.DateField):
    """A calendar day, typed freely; `today` is the reader's."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("Enter a day, as “1 dec”, “2026-12-01”, “fri” or “+30”.")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("data-day", "")

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        now = reader()
        found = parse_day(str(value)[:40], today=now.today, language=now.language)
        if found is None or not 1900 <= found.year <= 2200:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def prepare_value(self, value: Any) -> Any:
        return reader().day(value) if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class MoneyField(forms.DecimalField):
    """An amount, typed as the reader writes it. The form sets `currency`; the default is none."""

    widget = forms.TextInput

    def __init__(self, *, currency: str = "", **options: Any) -> None:
        options.setdefault("max_digits", 19)
        options.setdefault("decimal_places", 4)
        super().__init__(**options)
        self.currency = currency
        self.widget.attrs.setdefault("inputmode", "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        try:
            return parse_amount(str(value), get_language() or "en", currency=self.currency or None)
        except Refusal as refusal:
            raise ValidationError(str(refusal), code="invalid") from refusal

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int) and self.currency:
            return figure(Money(self.currency, value), get_language() or "en")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class QuantityField(MoneyField):
    """A quantity, typed as the reader writes it, shown without zeros at its end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 3, **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int):
            return reader().number(Decimal(format(Decimal(value).normalize(), "f")))
        return value


class ProofField(forms.FileField):
    """A picture or a PDF, checked to the end before it is kept."""

    LIMIT = 5 * 1024 * 1024
    KINDS: ClassVar[tuple[Kind, ...]] = (Kind.IMAGE, Kind.PDF)

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return checked(upload, kinds=self.KINDS, limit_bytes=self.LIMIT)
        except FileRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


class PictureField(ProofField):
    """A picture, checked to the end before it is kept."""

    KINDS: ClassVar[tuple[Kind, ...]] = (Kind.IMAGE,)
    widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})
