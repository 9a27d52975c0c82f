"""Country presets: what a new organization most likely wants, to be changed freely afterwards.

Only habits of writing and counting are here. Tax rates are law, change by decree, and differ by trade:
they are entered by people who answer for them, never seeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Country:
    """A country's currency, time zone and habits. `first_day` counts from Sunday as 0."""

    code: str
    name: Any
    currency: str
    time_zone: str
    date_format: str
    number_format: str
    time_format: str = "24h"
    first_day: int = 1
    fiscal_month: int = 1

    @property
    def regional(self) -> dict[str, Any]:
        """The regional settings of an organization in this country."""
        return {
            "dateFormat": self.date_format,
            "timeFormat": self.time_format,
            "firstDayOfWeek": self.first_day,
            "numberFormat": self.number_format,
        }


COUNTRIES: tuple[Country, ...] = (
    Country("AE", _("United Arab Emirates"), "AED", "Asia/Dubai", "DD/MM/YYYY", "en-AE", "12h"),
    Country("DE", _("Germany"), "EUR", "Europe/Berlin", "DD.MM.YYYY", "de-DE"),
    Country("EG", _("Egypt"), "EGP", "Africa/Cairo", "DD/MM/YYYY", "ar-EG", "12h", 6, 7),
    Country("ES", _("Spain"), "EUR", "Europe/Madrid", "DD/MM/YYYY", "es-ES"),
    Country("FR", _("France"), "EUR", "Europe/Paris", "DD/MM/YYYY", "fr-FR"),
    Country(
        "GB", _("United Kingdom"), "GBP", "Europe/London", "DD/MM/YYYY", "en-GB", fiscal_month=4
    ),
    Country("GH", _("Ghana"), "GHS", "Africa/Accra", "DD/MM/YYYY", "en-GH", "12h"),
    Country("IN", _("India"), "INR", "Asia/Kolkata", "DD/MM/YYYY", "en-IN", "12h", 0, 4),
    Country("KE", _("Kenya"), "KES", "Africa/Nairobi", "DD/MM/YYYY", "en-KE", "12h"),
    Country("NG", _("Nigeria"), "NGN", "Africa/Lagos", "DD/MM/YYYY", "en-NG", "12h"),
    Country("NP", _("Nepal"), "NPR", "Asia/Kathmandu", "YYYY-MM-DD", "en-NP", "12h", 0, 7),
    Country("US", _("United States"), "USD", "America/New_York", "MM/DD/YYYY", "en-US", "12h", 0),
    Country(
        "ZA", _("South Africa"), "ZAR", "Africa/Johannesburg", "YYYY-MM-DD", "en-ZA", fiscal_month=3
    ),
)
BY_CODE = {country.code: country for country in COUNTRIES}
