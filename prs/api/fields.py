"""The kinds of fields that other systems send: what each takes, what it says when it doesn't, and its schema.

Text is trimmed. A field that is null counts as not sent. A number may come as a JSON number or as
text and never becomes a float.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from prs.api.reading import Number

MOST_TOTAL: Final = 10**14
MOST_PRICE: Final = 10**9
MOST_QUANTITY: Final = 10**6
NUMERAL: Final = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$")
DAY: Final = re.compile(r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")
FINEST: Final = Decimal("0.0001")
# Printable text: no control characters but tab and line ends.
PRINTABLE: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
PRINTABLE_FILLED: Final = (
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
)
EMAIL: Final = re.compile(r"^\s*([^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+)?\s*$")
PRIORITY: Final = r"^\s*([Ll][Oo][Ww]|[Mm][Ee][Dd][Ii][Uu][Mm]|[Hh][Ii][Gg][Hh])?\s*$"
# How numbers should be written as text; exponents are read as well.
COUNT_TEXT: Final = r"^\s*0*[1-9][0-9]{0,5}(\.0+)?\s*$"
PRICE_TEXT: Final = r"^\s*0*[0-9]{1,9}(\.[0-9]{1,4}0*)?\s*$"

SENTENCES: Mapping[str, Any] = {
    "missing": _("This is required."),
    "string_type": _("This must be text."),
    "string_too_long": _("At most {max_length} characters fit here."),
    "string_too_short": _("This can't be blank."),
    "string_pattern_mismatch": _("This holds characters that can't be printed."),
    "string_unicode": _("This holds characters that can't be printed."),
    "model_type": _("This must be an object."),
    "list_type": _("This must be a list."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "too_short": _("At least {min_length} is needed."),
    "too_long": _("At most {max_length} fit here."),
    "not_a_number": _("This must be a number, such as 12.50."),
    "not_whole": _("This must be a whole number."),
    "too_small": _("This must be at least {least}."),
    "too_large": _("This must be at most {most}."),
    "too_fine": _("At most 4 decimals fit here."),
    "not_a_day": _("This must be a day between 2000 and 2099, written 2026-11-21."),
    "not_a_priority": _("This must be LOW, MEDIUM or HIGH."),
    "not_an_email": _("This isn't an e-mail address."),
    "both_totals": _("Total and total differ. Send one."),
}


def fault(code: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError(code, "{code}", {"code": code, **context})


def decimal_of(value: Any) -> Decimal:
    """A number, however it was written, exactly."""
    text = value.text if isinstance(value, Number) else value
    if not isinstance(text, str):
        raise fault("not_a_number")
    text = text.strip()
    if len(text) > 60 or not NUMERAL.match(text) or not text.isascii():
        raise fault("not_a_number")
    return Decimal(text)


def bounded(value: Any, *, least: int, most: int) -> Decimal:
    """A number within bounds, with at most four decimals."""
    number = decimal_of(value)
    if number < least:
        raise fault("too_small", least=least)
    if number > most:
        raise fault("too_large", most=most)
    # A tiny or a zero number may come with a huge exponent; from here on it has a plain size.
    plain = number.quantize(FINEST)
    if plain != number:
        raise fault("too_fine")
    return plain.copy_abs()


def counted(value: Any, *, most: int) -> int:
    """A whole number of at least one."""
    number = bounded(value, least=0, most=most)
    if number != int(number):
        raise fault("not_whole")
    if number < 1:
        raise fault("too_small", least=1)
    return int(number)


def day_of(value: Any) -> date:
    """A real day."""
    text = value.strip() if isinstance(value, str) else ""
    if not DAY.match(text):
        raise fault("not_a_day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fault("not_a_day") from None


def day_or_blank(value: Any) -> str:
    """A real day as text, or nothing."""
    blank = isinstance(value, str) and not value.strip()
    return "" if blank else day_of(value).isoformat()


def priority_of(value: Any) -> str:
    """LOW, MEDIUM or HIGH in any case; nothing is MEDIUM."""
    text = value.strip().upper() if isinstance(value, str) else "?"
    if text not in {"", "LOW", "MEDIUM", "HIGH"}:
        raise fault("not_a_priority")
    return text or "MEDIUM"


def email_of(value: Any) -> str:
    """An e-mail address, or nothing."""
    text = value.strip() if isinstance(value, str) else "?"
    if len(text) > 254 or not EMAIL.match(text) or not encodable(text):
        raise fault("not_an_email")
    return text


def encodable(text: str) -> bool:
    """Whether text is whole: half a surrogate pair can be written in JSON and kept nowhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def written(value: Any) -> Any:
    """A code that came as a number, as it was written."""
    return value.text if isinstance(value, Number) else value


# --- the kinds of fields, each with what the OpenAPI document says of it -------------------------


@dataclass(frozen=True)
class Text:
    """Text of at most so many characters. A `code` may come as a number, a `filled` one is never blank."""

    most: int
    filled: bool = False
    code: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        schema = core_schema.str_schema(
            strip_whitespace=True,
            max_length=self.most,
            min_length=1 if self.filled else None,
            pattern=PRINTABLE,
        )
        if not self.code:
            return schema
        return core_schema.no_info_before_validator_function(written, schema)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        types = ["string", *["number"] * self.code, *["null"] * (not self.filled)]
        described: dict[str, Any] = {"type": types if len(types) > 1 else "string"}
        if self.filled:
            described["minLength"] = 1
        pattern = PRINTABLE_FILLED if self.filled else PRINTABLE
        return {**described, "maxLength": self.most, "pattern": pattern}


DAY_SCHEMA: Final = {"type": "string", "format": "date", "pattern": DAY.pattern}
COUNT_SCHEMA: Final = {"type": "string", "pattern": COUNT_TEXT, "maxLength": 60}
PRICE_SCHEMA: Final = {"type": "string", "pattern": PRICE_TEXT, "maxLength": 60}


def one_of(*schemas: Mapping[str, Any]) -> WithJsonSchema:
    """What the document says of a field that may come in several forms."""
    return WithJsonSchema({"anyOf": [dict(schema) for schema in schemas]})


Day = Annotated[date, PlainValidator(day_of), WithJsonSchema(dict(DAY_SCHEMA))]
DayOrBlank = Annotated[str, PlainValidator(day_or_blank), one_of(DAY_SCHEMA, {"enum": ["", None]})]
Email = Annotated[
    str,
    PlainValidator(email_of),
    WithJsonSchema({"type": ["string", "null"], "maxLength": 254, "pattern": EMAIL.pattern}),
]
Priority = Annotated[
    str,
    PlainValidator(priority_of),
    WithJsonSchema({"type": ["string", "null"], "pattern": PRIORITY}),
]
Price = Annotated[
    Decimal,
    PlainValidator(partial(bounded, least=0, most=MOST_PRICE)),
    one_of({"type": "number", "minimum": 0, "maximum": MOST_PRICE}, PRICE_SCHEMA),
]
Quantity = Annotated[
    int,
    PlainValidator(partial(counted, most=MOST_QUANTITY)),
    one_of({"type": "integer", "minimum": 1, "maximum": MOST_QUANTITY}, COUNT_SCHEMA),
]
Total = Annotated[
    Decimal | None,
    PlainValidator(partial(bounded, least=0, most=MOST_TOTAL)),
    one_of({"type": "number", "minimum": 0, "maximum": MOST_TOTAL}, PRICE_SCHEMA, {"type": "null"}),
    Field(alias="Total", description="Checked against the lines; “total” is read as well."),
]
