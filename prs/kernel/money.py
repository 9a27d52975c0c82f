"""Money: an exact decimal amount that knows its currency, and the one place where it is rounded.

Amounts are exact until `rounded()` is called: half up (away from zero) at the currency's minor
unit, as the common locale data has it (KWD 3, JPY 0). The database keeps them as numeric(19, 4).
Tax rates are percentages: `Decimal(16)` is sixteen per cent.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from functools import cache, lru_cache, total_ordering
from math import floor
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import (
    NumberPattern,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)
from django.db.models import TextChoices
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Invalid, Refusal

MAX_DIGITS: Final = 19
DECIMAL_PLACES: Final = 4
LIMIT: Final = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES)

# A product of quantity, price and rate stays far above this; a repeating fraction does not.
_FINEST_EXPONENT: Final = -20
_EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation])
_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_UP)


class CurrencyMismatch(Refusal):
    """Amounts of two currencies were added, subtracted or compared."""

    sentence = _("{left} and {right} are different currencies. Convert one of them first.")


class UnknownCurrency(Invalid):
    """The code is not a currency in use."""

    sentence = _("“{code}” is not a currency in use.")


class AmountTooLarge(Invalid):
    """The amount has more than 15 digits before the decimal sign."""

    sentence = _("The amount is too large: at most 15 digits may stand before the decimal sign.")


class NotAnAmount(Invalid):
    """What was typed isn't an amount, or could be read as two different amounts."""

    sentence = _("“{text}” can't be read as one certain amount. Write it like {example}.")


class TaxMode(TextChoices):
    """Where tax is rounded: on each line, or once per rate of a document."""

    PER_LINE = "PER_LINE", _("Rounded on each line")
    PER_DOCUMENT = "PER_DOCUMENT", _("Rounded once per rate of the document")


# Currencies


@cache
def currencies() -> tuple[str, ...]:
    """Return the codes of all currencies that are legal tender somewhere, sorted."""
    places = (str(code) for code in Locale("en").territories)
    countries = [code for code in places if re.fullmatch("[A-Z]{2}", code)]
    return tuple(sorted({c for country in countries for c in get_territory_currencies(country)}))


@cache
def minor_units(currency: str) -> int:
    """Return how many decimals the currency is counted in: EUR 2, JPY 0, KWD 3."""
    if currency not in currencies():
        raise UnknownCurrency(code=currency)
    return int(get_currency_precision(currency))


def currency_name(currency: str, locale: str) -> str:
    """Return the currency's name as the locale says it."""
    return get_currency_name(currency, locale=locale_of(locale))


def currency_symbol(currency: str, locale: str) -> str:
    """Return the sign that the locale understands without doubt: “$”, “US$”, “KES”."""
    return get_currency_symbol(currency, locale=locale_of(locale))


def _choice(currency: str) -> str:
    return f"{currency} · {currency_name(currency, get_language() or 'en')}"


_lazy_choice = lazy(_choice, str)

# For form fields: the labels follow the reader's language. Models keep the bare code.
CURRENCY_CHOICES: Final = tuple((code, _lazy_choice(code)) for code in currencies())


# Amounts


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up (away from zero) at the currency's minor unit. Nothing else in PRS rounds."""
    return _quantized(amount, minor_units(currency))


def _quantized(amount: Decimal, places: int) -> Decimal:
    step = Decimal(1).scaleb(-places)
    # Adding zero turns the "-0.00" of a tiny negative amount into "0.00".
    return _WIDE.add(amount.quantize(step, context=_WIDE), 0)


def _decimal(value: Decimal | int | str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"An amount is a Decimal, an int or a str, not a {type(value).__name__}.")
    return Decimal(value)


def _amount(value: Decimal | int | str) -> Decimal:
    amount = _decimal(value)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise TypeError("An amount is a finite number.")
    if amount.copy_abs() >= LIMIT:
        raise AmountTooLarge
    if exponent < _FINEST_EXPONENT:
        raise ValueError(f"{amount} is finer than any price times any rate. Round it first.")
    return amount or amount.copy_abs()


@total_ordering
@dataclass(frozen=True, slots=True, init=False)
class Money:
    """An exact amount of one currency. Amounts of two currencies never meet by accident."""

    currency: str
    amount: Decimal

    def __init__(self, currency: str, amount: Decimal | int | str) -> None:
        minor_units(currency)
        object.__setattr__(self, "currency", currency)
        object.__setattr__(self, "amount", _amount(amount))

    def __str__(self) -> str:
        return f"{plain(self)} {self.currency}"

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __add__(self, other: Money) -> Money:
        return Money(self.currency, _EXACT.add(self.amount, self._same(other)))

    def __sub__(self, other: Money) -> Money:
        return Money(self.currency, _EXACT.subtract(self.amount, self._same(other)))

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.currency, _EXACT.multiply(self.amount, _decimal(factor)))

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(self.currency, self.amount.copy_negate())

    def __abs__(self) -> Money:
        return Money(self.currency, self.amount.copy_abs())

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def rounded(self) -> Money:
        """Return this amount at the currency's minor unit."""
        return Money(self.currency, rounded(self.amount, self.currency))

    @property
    def is_rounded(self) -> bool:
        """Say whether the amount can be paid in the currency's coins."""
        return self.amount == rounded(self.amount, self.currency)

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"Money meets only money, not a {type(other).__name__}.")
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.amount


def zero(currency: str) -> Money:
    """Return nothing, in this currency."""
    return Money(currency, 0)


def sum_of(amounts: Iterable[Money], currency: str | None = None) -> Money:
    """Add amounts of one currency. `currency` is what a sum of nothing is counted in."""
    total = zero(currency) if currency else None
    for amount in amounts:
        total = amount if total is None else total + amount
    if total is None:
        raise ValueError("A sum of nothing needs a currency.")
    return total


def allocate(total: Money, weights: Sequence[Decimal | int]) -> list[Money]:
    """Split `total` in proportion to `weights` so that the parts add up to it, to the last cent.

    The cents that are left over go to the largest remainders, the earlier part first. The total
    must be at the minor unit; no weight may be negative, and one must be above zero.
    """
    if not total.is_rounded:
        raise ValueError(f"{total} has no whole number of minor units.")
    shares = [Fraction(_decimal(weight)) for weight in weights]
    if any(share < 0 for share in shares) or not any(shares):
        raise ValueError("Weights are not negative, and at least one is above zero.")
    sign = -1 if total.amount < 0 else 1
    units = _units(abs(total))
    whole = sum(shares)
    parts = _apportioned([units * share / whole for share in shares], floor(units))
    return [_of_units(sign * part, total.currency) for part in parts]


def _units(money: Money) -> Fraction:
    return Fraction(money.amount.scaleb(minor_units(money.currency), _EXACT))


def _of_units(units: int, currency: str) -> Money:
    return Money(currency, Decimal(units).scaleb(-minor_units(currency)))


def _apportioned(exact: Sequence[Fraction], whole: int) -> list[int]:
    """Round each part down, then raise the largest remainders until the parts add up."""
    parts = [floor(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: whole - sum(parts)]:
        parts[at] += 1
    return parts


# Tax


@dataclass(frozen=True, slots=True)
class Taxed:
    """A line's net amount and the tax on it."""

    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """Return what is to be paid."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One row of a tax summary: everything at one rate (per cent)."""

    rate: Decimal
    net: Money
    tax: Money


def tax_of(net: Money, rate: Decimal | int, mode: TaxMode) -> Money:
    """Return the tax on a net amount: rounded per line, left exact when the document rounds."""
    tax = net * _EXACT.multiply(_rate(rate), Decimal("0.01"))
    return tax.rounded() if mode == TaxMode.PER_LINE else tax


def split_inclusive(gross: Money, rate: Decimal | int) -> Taxed:
    """Split an amount that includes tax. Net and tax add up to it exactly; the tax is rounded."""
    tax = _of_units(_nearest(_tax_units(gross, _rate(rate), inclusive=True)), gross.currency)
    return Taxed(net=gross - tax, tax=tax)


def line_taxes(
    lines: Sequence[tuple[Money, Decimal | int]], mode: TaxMode, *, inclusive: bool = False
) -> list[Taxed]:
    """Return net and tax of each (amount, rate) line; `inclusive` says that amounts hold the tax.

    Per document, the tax of each rate is rounded once and then shared out to its lines, so that
    the lines always add up to the tax summary.
    """
    taxes: list[Money] = [amount for amount, _ in lines]
    for positions in _by_rate(lines):
        units = [
            _tax_units(lines[at][0], _rate(lines[at][1]), inclusive=inclusive) for at in positions
        ]
        for at, part in zip(positions, _whole_units(units, mode), strict=True):
            taxes[at] = _of_units(part, lines[at][0].currency)
    return [
        Taxed(net=amount - tax if inclusive else amount, tax=tax)
        for (amount, _), tax in zip(lines, taxes, strict=True)
    ]


def tax_summary(
    lines: Sequence[tuple[Money, Decimal | int]], mode: TaxMode, *, inclusive: bool = False
) -> list[TaxTotal]:
    """Add up net and tax of each rate, the lowest rate first."""
    taxed = line_taxes(lines, mode, inclusive=inclusive)
    return [
        TaxTotal(
            rate=_rate(lines[positions[0]][1]),
            net=sum_of(taxed[at].net for at in positions),
            tax=sum_of(taxed[at].tax for at in positions),
        )
        for positions in _by_rate(lines)
    ]


def _by_rate(lines: Sequence[tuple[Money, Decimal | int]]) -> Iterator[list[int]]:
    groups: defaultdict[Decimal, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        groups[_rate(line[1])].append(at)
    return (groups[rate] for rate in sorted(groups))


def _rate(rate: Decimal | int) -> Decimal:
    percent = _decimal(rate)
    if not 0 <= percent <= 100:
        raise ValueError(f"A tax rate is between 0 and 100 per cent, not {rate}.")
    return percent


def _tax_units(amount: Money, rate: Decimal, *, inclusive: bool) -> Fraction:
    percent = Fraction(rate)
    return _units(amount) * percent / (100 + percent if inclusive else 100)


def _whole_units(units: Sequence[Fraction], mode: TaxMode) -> list[int]:
    if mode == TaxMode.PER_LINE:
        return [_nearest(part) for part in units]
    return _apportioned(units, _nearest(sum(units, Fraction())))


def _nearest(units: Fraction) -> int:
    """Round half up, away from zero: the same rule as `rounded`, for fractions."""
    size = floor(abs(units) + Fraction(1, 2))
    return size if units >= 0 else -size


# Writing

_SIGN_MEETS_FIGURE: Final = re.compile(r"(?<=[^\W\d_])(?=-?\d)")


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for a language code of ours; an unknown one is written as English."""
    for code in (language, re.split("[-_]", language)[0]):
        try:
            return Locale.parse(code.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def plain(money: Money) -> str:
    """Write the figure for machines: “-1200.50”, at least the minor unit's decimals."""
    amount, places = _shown(money)
    return f"{_quantized(amount, places):f}"


def figure(money: Money, locale: str) -> str:
    """Write the figure alone as the locale does: “1,200.50”, for columns under a currency."""
    return _written(money, locale, False)  # noqa: FBT003


def formatted(money: Money, locale: str) -> str:
    """Write amount and currency as the locale does: “$1,200.50”, “KES 1,200.50”, “1.200,50 €”.

    Never fewer decimals than the minor unit has, and no figure that the amount hasn't: a unit
    price of 0.1234 keeps its four.
    """
    return _written(money, locale, True)  # noqa: FBT003


# A list writes the same amounts again and again, and writing one takes some 30 µs.
@lru_cache(maxsize=10_000)
def spoken(money: Money) -> str:
    """Write amount and currency in the language that is in use, as sentences need it."""
    return formatted(money, get_language() or "en")


def _written(money: Money, locale: str, with_currency: bool) -> str:  # noqa: FBT001
    amount, places = _shown(money)
    text = str(
        _pattern(locale, with_currency, places).apply(
            _quantized(amount, places),
            locale_of(locale),
            currency=money.currency,
            currency_digits=False,
        )
    )
    # A code that is written as a sign must not run into the figure: KES1,200.00.
    return _SIGN_MEETS_FIGURE.sub("\N{NO-BREAK SPACE}", text) if with_currency else text


@lru_cache(maxsize=256)
def _pattern(locale: str, with_currency: bool, places: int) -> NumberPattern:  # noqa: FBT001
    """Return the locale's pattern with exactly this many decimals."""
    its = locale_of(locale)
    pattern: NumberPattern = copy(
        its.currency_formats["standard"] if with_currency else its.decimal_formats[None]
    )
    pattern.frac_prec = (places, places)
    return pattern


def _shown(money: Money) -> tuple[Decimal, int]:
    """Return the amount as it is shown, at most as fine as the database keeps it."""
    amount = _quantized(money.amount, DECIMAL_PLACES)
    exponent = amount.normalize(_EXACT).as_tuple().exponent
    finest = -exponent if isinstance(exponent, int) else 0
    return amount, max(minor_units(money.currency), finest)


# Reading

_LONGEST_TYPED: Final = 60
_SAME_SIGN: Final = str.maketrans(
    {
        "\N{ARABIC DECIMAL SEPARATOR}": ".",
        "\N{ARABIC THOUSANDS SEPARATOR}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{MINUS SIGN}": "-",
        "\N{FULLWIDTH COMMA}": ",",
        "\N{FULLWIDTH FULL STOP}": ".",
    }
)
# Thousands in threes, or as in India: the last three and then pairs.
_CERTAIN: Final = re.compile(rf"-?\d+(\.\d{{1,{DECIMAL_PLACES}}})?")
_GROUPED: Final = r"\d{{1,3}}(?:{0}\d{{3}})+|\d{{1,2}}(?:{0}\d{{2}})+{0}\d{{3}}"


def parse_amount(text: str, locale: str, *, currency: str | None = None) -> Decimal:
    """Read what a person typed: “1.200,50”, “1,200.50”, “1 200,5”, in the digits of any script.

    One reading must be certain; `locale` and `currency` help to decide (“1,200” is a thousand to
    an English reader, “1.200” in euros is not sure to be one). The currency's own code or sign may
    stand before or after the figure. Raises `NotAnAmount` or `AmountTooLarge`.
    """
    typed = _in_ascii(text) if len(text) <= _LONGEST_TYPED else ""
    read = _read(typed, locale, currency)
    if read is None:
        raise NotAnAmount(text=text[:_LONGEST_TYPED], example=_example(locale, currency))
    return _amount(read)


def _example(locale: str, currency: str | None) -> str:
    return figure(
        Money(currency or "EUR", Decimal("1200.50" if currency is None else 1200)), locale
    )


def _in_ascii(text: str) -> str:
    """Bring digits, signs and spaces of all scripts to one form; drop marks of direction."""
    return "".join(_plain_character(character) for character in text.translate(_SAME_SIGN)).strip()


def _plain_character(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(character) == "Cf":
        return ""
    return " " if character.isspace() else character


def _read(typed: str, locale: str, currency: str | None) -> str | None:
    """Return the figure with a decimal point, or None when it isn't certain."""
    sign, unsigned = _signed(typed)
    if currency is not None:
        inner_sign, unsigned = _signed(_without_currency(unsigned, currency, locale))
        sign += inner_sign
    whole, point, fraction = _divided(unsigned, locale, currency)
    whole = _ungrouped(whole) or ("0" if fraction else "")
    figure_read = f"{sign}{whole}{point and '.'}{fraction}"
    return figure_read if _CERTAIN.fullmatch(figure_read) else None


def _signed(typed: str) -> tuple[str, str]:
    return ("-", typed[1:].strip()) if typed.startswith("-") else ("", typed)


def _without_currency(typed: str, currency: str, locale: str) -> str:
    for sign in (currency, _in_ascii(currency_symbol(currency, locale)).upper()):
        if typed.upper().startswith(sign):
            return typed[len(sign) :].strip()
        if typed.upper().endswith(sign):
            return typed[: -len(sign)].strip()
    return typed


def _divided(digits: str, locale: str, currency: str | None) -> tuple[str, str, str]:
    """Divide at the decimal sign. An uncertain figure comes back with a whole that is no number."""
    signs = [character for character in digits if character in ".,"]
    if not signs:
        return digits, "", ""
    last = signs[-1]
    whole, _point, fraction = digits.rpartition(last)
    if signs.count(last) > 1:
        # A sign that stands twice divides thousands; after another sign, that is a muddle.
        return (digits, "", "") if len(set(signs)) == 1 else ("?", "", "")
    if len(signs) > 1 or not _could_be_thousands(whole, fraction):
        return whole, last, fraction
    return _one_sign_and_three_digits(whole, last, fraction, locale=locale, currency=currency)


def _could_be_thousands(whole: str, fraction: str) -> bool:
    return len(fraction) == 3 and re.fullmatch(r"(?!0+$)\d{1,3}", whole) is not None


def _one_sign_and_three_digits(
    whole: str, sign: str, fraction: str, *, locale: str, currency: str | None
) -> tuple[str, str, str]:
    """Decide “1,200”: thousands where the locale groups so; decimals only where coins go so far."""
    symbols = locale_of(locale).number_symbols["latn"]
    if sign == symbols["group"]:
        return f"{whole}{fraction}", "", ""
    if sign == symbols["decimal"] and currency is not None and minor_units(currency) >= 3:
        return whole, sign, fraction
    return "?", "", ""


def _ungrouped(whole: str) -> str:
    for separator in (" ", "'", ".", ","):
        if re.fullmatch(_GROUPED.format(re.escape(separator)), whole):
            return whole.replace(separator, "")
    return whole
