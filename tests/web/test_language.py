"""Every word of ours is marked for translation: the screens are drawn in a language that nobody speaks,
and a word that is still English was not marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup, Comment, Doctype
from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from prs.kernel.tenancy.models import TenantModel
from prs.web.kit import fields, keeping
from tests.architecture.addresses import Address, addresses

ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀćďéƒĝĥîĵķļɱñôþǫŕšťûṽŵẋýžÀƁĆĎÉƑĜĤÎĴĶĻṀÑÔÞǪŔŠŤÛṼŴẊÝŽ",
)
# Places of a sentence, and markup inside it, stay as they are.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>|&\w+;)")
WORD = re.compile(r"[A-Za-z]{3,}")
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-one", "data-many")
LOCALE_DATA = {"currency", "time_zone", "country", "nationality"}
UNTOLD = {"script", "style", "template", "code", "kbd", "svg"}
# What is the same in every language: names, file types, keys of the keyboard, codes of standards.
NAMES = re.compile(
    r"\b(PRS|Beancount|Bean|hledger|CSV|XLSX|PDF|JPEG|PNG|WebP|API|URL|HTTP|QR|IBAN|USD|EUR|UTC|Esc|Enter|Ctrl|Shift|"
    r"English|Deutsch|Español|Français|Africa|America|Asia|Europe|Etc|GMT|https?|www|"
    r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|"
    r"[A-Z]{3}|[\w./-]+@[\w.-]+|\w+/[\w/+-]+|\w+(?:[._-]\w+)+|[0-9a-f-]{8,})\b"
)
CODES = {"code": "payment.denied", "step": "profile", "kind": "payments.payment"}


def pseudo(text: str) -> str:
    """A text as the language that nobody speaks has it."""
    parts = KEPT.split(str(text))
    return "".join(part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in parts)


@pytest.fixture
def nobodys_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = translation._trans

    def one(message: str) -> str:
        return pseudo(message)

    def many(singular: str, plural: str, number: Any) -> str:
        return pseudo(singular if number == 1 else plural)

    one("")
    monkeypatch.setattr(real, "gettext", one, raising=False)
    monkeypatch.setattr(real, "ngettext", many, raising=False)
    monkeypatch.setattr(real, "pgettext", lambda _context, text: one(text), raising=False)
    monkeypatch.setattr(
        real, "npgettext", lambda _context, one_, more, n: many(one_, more, n), raising=False
    )
    keeping.drawn.cache_clear()
    fields.month_names.cache_clear()
    yield
    keeping.drawn.cache_clear()


def data_words() -> list[str]:
    """Every text in the tables, longest first: what people entered is not ours to translate."""
    found: set[str] = set()
    for model in apps.get_models():
        if not issubclass(model, TenantModel) or model._meta.proxy or not model._meta.managed:
            continue
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model.objects.values_list(*names):
            found |= {value for value in row if isinstance(value, str)}
    return sorted((text for text in found if len(text) > 2), key=len, reverse=True)


def untold(element: Any) -> bool:
    """Whether a reader is not told what stands in an element, the locale's data has its words, or it
    says itself that it speaks another language: the organization's, to its customers.
    """
    return (
        element.name in UNTOLD
        or (element.name == "select" and element.get("name") in LOCALE_DATA)
        or (element.name != "html" and bool(element.get("lang")))
    )


def texts(html: str) -> Iterator[str]:
    """What a reader is shown or told."""
    soup = BeautifulSoup(html, "html.parser")
    for node in soup.find_all(string=True):
        if not isinstance(node, Comment | Doctype) and not any(map(untold, node.parents)):
            yield str(node)
    for element in soup.find_all(True):
        for name in SHOWN:
            if element.has_attr(name):
                yield str(element[name])


def unmarked(html: str, data: list[str]) -> set[str]:
    """Words on a page that are neither data nor translated."""
    found = set()
    for text in texts(html):
        rest = text
        for value in data:
            if value in rest:
                rest = rest.replace(value, " ")
        rest = NAMES.sub(" ", KEPT.sub(" ", rest))
        if WORD.search(rest):
            found.add(" ".join(rest.split())[:80])
    return found


def drawn_by(client: Any, address: Address, ids: list[Any]) -> str:
    """The page at an address, tried with everything that its id could be; empty when there is none."""
    if "pk" in address.ids:
        tries = [{n: (pk if n == "pk" else CODES.get(n, "x")) for n in address.ids} for pk in ids]
    else:
        tries = [{n: CODES.get(n, "x") for n in address.ids}]
    for words in tries:
        try:
            answer = client.get(reverse(address.name, kwargs=words))
        except NoReverseMatch:
            continue
        if answer.streaming:
            b"".join(answer.streaming_content)
        elif answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            return answer.content.decode()
    return ""


def ids_of(organization: Any) -> list[Any]:
    """The ids of everything with a page of its own."""
    kinds = (
        "invoicing.invoice",
        "payments.payment",
        "parties.customer",
        "identity.member",
        "identity.role",
        "identity.team",
        "identity.department",
        "identity.jobtitle",
        "identity.apikey",
        "places.branch",
        "deals.deal",
        "deals.project",
    )
    return [
        pk
        for kind in kinds
        for pk in apps.get_model(kind).objects.order_by("pk").values_list("pk", flat=True)[:3]
    ]


def screens() -> list[Address]:
    """The named addresses of ours that may show a page."""
    return [
        a
        for a in addresses()
        if a.ours and a.name and not a.name.startswith(("api:", "shell:live"))
    ]


def test_every_word_on_every_screen_is_marked_for_translation(
    client: Any, worlds: Any, nobodys_language: None
) -> None:
    client.force_login(worlds.acme.owner.user)
    data, ids = data_words(), ids_of(worlds.acme.organization)
    faults: dict[str, set[str]] = {}
    seen = 0

    for address in screens():
        html = drawn_by(client, address, ids)
        if html:
            seen += 1
            words = unmarked(html, data)
            if words:
                faults[address.name] = words

    assert seen > 20
    assert not faults, "\n".join(f"{name}: {sorted(words)}" for name, words in faults.items())


def test_the_search_for_unmarked_words_finds_one() -> None:
    marked = f"<p>{pseudo('Hello')} Reed <a title='Close'></a></p>"

    assert unmarked(marked, ["Reed"]) == {"Close"}
    assert unmarked("<p>Reeds</p>", []) == {"Reeds"}
