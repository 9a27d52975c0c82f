"""What the layout needs on every page. Nothing is asked of the database until a template asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, gettext

from prs.kernel.activity.selectors import unread_count
from prs.kernel.identity.selectors import sidebar
from prs.web.kit.keeping import kept
from prs.web.shell.counts import counts_for
from prs.web.shell.live import mark


@dataclass(frozen=True)
class Item:
    """A place in the sidebar."""

    label: str
    icon: str
    url: str
    active: bool
    count: str
    key: str


@dataclass(frozen=True)
class Group:
    """A heading of the sidebar with its places."""

    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class House:
    """The organization, as the top bar names it."""

    name: str
    logo_url: str


@dataclass(frozen=True)
class Person:
    """The person, as their own menu names them."""

    name: str
    role: str
    initials: str


@dataclass(frozen=True)
class Seen:
    """What the frame of a page shows."""

    menu: tuple[Group, ...]
    organization: House
    member: Person
    unread: int
    theme: str
    density: str
    language: str
    languages: tuple[tuple[str, str], ...]


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.replace("@", " ").split()
    return "".join(word[0] for word in dict.fromkeys((*words[:1], *words[-1:]))).upper() or "?"


@lru_cache(maxsize=256)
def address(url_name: str) -> str:
    """The address of a menu item; empty while its workspace does not exist."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


class Shell:
    """The layout's words, each found when it is first asked for."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.user = getattr(request, "user", None)
        self.who = getattr(request, "member", None)

    # --- the frame, drawn from words: the same words are drawn once --------------------------------

    @property
    def head(self) -> SafeString:
        return kept(self.request, "components/_head.html", theme=self.theme, dir=self.dir)

    @property
    def topbar(self) -> SafeString:
        return kept(self.request, "components/_topbar.html", shell=self.seen)

    @property
    def sidebar(self) -> SafeString:
        return kept(self.request, "components/_sidebar.html", shell=self.seen)

    @property
    def toasts(self) -> SafeString:
        return kept(self.request, "components/_toasts.html", messages=())

    @property
    def foot(self) -> SafeString:
        return kept(self.request, "shell/foot.html")

    @cached_property
    def seen(self) -> Seen:
        """Everything that the frame shows, as one value."""
        return Seen(
            menu=tuple(self.menu),
            organization=self.organization,
            member=self.member,
            unread=self.unread,
            theme=self.theme,
            density=self.density,
            language=self.language,
            languages=tuple(self.languages),
        )

    # --- words ------------------------------------------------------------------------------------

    @cached_property
    def menu(self) -> list[Group]:
        """The sidebar. Of several items whose address begins the page's, the longest is active."""
        if self.who is None:
            return platform_menu(self.request, self.is_platform)
        groups = [
            (group.label, [(i.code, i.label, i.icon, address(i.url_name)) for i in group.items])
            for group in sidebar(self.who)
        ]
        here = active_address(
            self.request.path, (row[3] for _label, rows in groups for row in rows)
        )
        counts = counts_for(self.who)
        return [
            Group(
                label,
                tuple(
                    Item(
                        word,
                        icon,
                        url,
                        url == here,
                        counts.get(code, ""),
                        code if code in counts else "",
                    )
                    for code, word, icon, url in rows
                    if url
                ),
            )
            for label, rows in groups
            if any(url for *_rest, url in rows)
        ]

    @cached_property
    def organization(self) -> House:
        organization = getattr(self.request, "organization", None)
        if organization is None:
            return House("PRS", "")
        logo = address("office:logo") if organization.logo_id else ""
        return House(organization.name, logo)

    @cached_property
    def member(self) -> Person:
        name = str(self.who or self.user or "")
        if self.who is not None:
            role = self.who.role.name
        else:
            role = str(getattr(self.user, "get_platform_role_display", str)() or "")
        return Person(name, role, initials(name))

    @cached_property
    def unread(self) -> int:
        return unread_count(self.who) if self.who else 0

    @property
    def theme(self) -> str:
        return getattr(self.user, "theme", "") or "auto"

    @property
    def density(self) -> str:
        return getattr(self.user, "density", "") or "comfortable"

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def dir(self) -> str:
        return "rtl" if get_language_bidi() else "ltr"

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, gettext(str(name))) for code, name in settings.LANGUAGES]

    @cached_property
    def live_url(self) -> str:
        return reverse("shell:live") if self.who else ""

    @cached_property
    def live_last(self) -> str:
        """Where this page stands in the stream of events, so that it misses none while it loads."""
        return mark(self.who.horizon) if self.who else ""

    @property
    def is_platform(self) -> bool:
        return bool(getattr(self.user, "platform_role", ""))


def active_address(path: str, addresses: Iterable[str]) -> str:
    """The menu address that a page belongs to: the longest that its path begins with."""
    begun = [
        url for url in addresses if url and (path == url or (url != "/" and path.startswith(url)))
    ]
    return max(begun, key=len, default="")


def platform_menu(request: Any, is_platform: bool) -> list[Group]:  # noqa: FBT001
    """The sidebar of people outside any organization."""
    home = Item(gettext("Home"), "home", reverse("shell:home"), request.path == "/", "", "")
    organizations = address("operator:organizations") if is_platform else ""
    if not organizations:
        return [Group("", (home,))]
    active = request.path.startswith(organizations)
    word = gettext("Organizations")
    return [Group("", (home, Item(word, "building", organizations, active, "", "")))]


def shell(request: Any) -> dict[str, Any]:
    """The context processor."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
