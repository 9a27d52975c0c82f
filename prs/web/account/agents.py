"""What a browser calls itself, in words a person knows."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first that is found wins: Edge and Opera call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def described(agent: str) -> str:
    """“Firefox on Linux”, or as much of it as the browser tells."""
    browser = first_of(BROWSERS, agent)
    system = first_of(SYSTEMS, agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown device")


def first_of(table: tuple[tuple[str, str], ...], agent: str) -> str:
    """The name of the first mark that the agent carries."""
    return next((name for mark, name in table if mark in agent), "")


def is_handheld(agent: str) -> bool:
    """Whether it is a phone or a tablet, for the picture beside it."""
    return any(mark in agent for mark in ("iPhone", "iPad", "Android", "Mobile"))
