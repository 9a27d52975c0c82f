"""Settings of an organization: four groups with defaults, and what each key may hold.

Source: reference 1.8.
"""

from __future__ import annotations

from typing import Any

PRESETS = (
    "default-blue",
    "emerald-green",
    "purple-galaxy",
    "sunset-orange",
    "ocean-teal",
    "rose-pink",
    "slate-minimal",
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "regional": {
        "dateFormat": "YYYY-MM-DD",
        "timeFormat": "24h",
        "firstDayOfWeek": 1,
        "numberFormat": "en-US",
    },
    "appearance": {
        "colorScheme": "auto",
        "themePreset": "ocean-teal",
        "fontSize": "medium",
        "compactMode": False,
        "animationsEnabled": True,
        "highContrast": False,
    },
    "notifications": {
        "emailNotifications": True,
        "pushNotifications": True,
        "smsNotifications": False,
        "lowStockAlerts": True,
        "salesUpdates": True,
        "systemUpdates": True,
        "marketingEmails": False,
        "customerFeedback": True,
        "verificationHours": "24",
    },
    "receipt": {
        "showLogo": True,
        "headerText": "",
        "footerText": "Thank you for your business.",
        "showTaxBreakdown": True,
        "showBarcode": True,
        "paperSize": "a4",
    },
}
CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("regional", "dateFormat"): ("YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY"),
    ("regional", "timeFormat"): ("12h", "24h"),
    ("regional", "firstDayOfWeek"): (0, 1, 2, 3, 4, 5, 6),
    ("appearance", "colorScheme"): ("light", "dark", "auto"),
    ("appearance", "themePreset"): PRESETS,
    ("appearance", "fontSize"): ("small", "medium", "large"),
    ("notifications", "verificationHours"): ("4", "8", "12", "24", "48", "72"),
    ("receipt", "paperSize"): ("thermal-80mm", "thermal-58mm", "a4", "letter"),
}


def default_settings() -> dict[str, dict[str, Any]]:
    """A fresh copy of every group's defaults."""
    return {group: dict(values) for group, values in DEFAULTS.items()}


def merged(stored: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is stored, completed by the defaults of keys that were added later."""
    return {group: {**values, **stored.get(group, {})} for group, values in DEFAULTS.items()}


def faults(group: str, values: dict[str, Any]) -> dict[str, str]:
    """The keys that can't be accepted, each with what it may hold; empty when all is well."""
    defaults, found = DEFAULTS.get(group, {}), {}
    for key, value in values.items():
        allowed = CHOICES.get((group, key))
        if key not in defaults:
            found[key] = "unknown"
        elif allowed is not None:
            if value not in allowed:
                found[key] = ", ".join(map(str, allowed))
        elif not isinstance(value, type(defaults[key])):
            found[key] = type(defaults[key]).__name__
        elif isinstance(value, str) and len(value) > 500:
            found[key] = "500"
    return found


# The first minutes of an organization, in order; "done" when the last is behind.
SETUP_STEPS = ("profile", "money", "people", "places", "invoice", "done")


def remaining_steps(reached: str) -> tuple[str, ...]:
    """The steps of the first minutes that are still ahead."""
    start = SETUP_STEPS.index(reached) if reached in SETUP_STEPS else 0
    return SETUP_STEPS[start:-1]
