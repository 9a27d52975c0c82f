"""A person at a browser without scripts: follows links that are there, fills in forms that are there.

What a page does not offer can't be pressed, so a journey that passes can be walked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.element import Tag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import PASSWORD

Form = dict[str, Any]


class Person:
    """Somebody in front of a page."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client()
        self.address = "/"
        self.answer: Any = None
        self.page = BeautifulSoup("", "html.parser")
        self.screens: list[str] = []

    def opens(self, address: str, *, expecting: int = 200) -> Person:
        """Open an address and follow where it leads."""
        return self.shown(self.client.get(address, follow=True), address, expecting)

    def shown(self, answer: Any, address: str, expecting: int) -> Person:
        """Take in an answer. Each page that is not the one before counts as a screen."""
        chain = [place for place, _status in getattr(answer, "redirect_chain", [])]
        self.address, self.answer = urljoin(address, chain[-1]) if chain else address, answer
        told = answer.content.decode()[-3000:] if answer.status_code != expecting else ""
        assert answer.status_code == expecting, f"{self.address}: {answer.status_code}\n{told}"
        self.page = BeautifulSoup(answer.content, "html.parser")
        if not self.screens or self.screens[-1] != self.address:
            self.screens.append(self.address)
        return self

    @property
    def text(self) -> str:
        """The words of the page."""
        return " ".join(self.page.get_text(" ").split())

    def sees(self, *words: str) -> Person:
        """Insist that the page says so."""
        for each in words:
            assert each in self.text, f"{each!r} is not on {self.address}: {self.text}"
        return self

    def follows(self, words: str) -> Person:
        """Follow the first link with these words."""
        return self.opens(self.link(words))

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for each in self.page.find_all("a", href=True):
            if words in " ".join(each.get_text(" ").split()):
                return urljoin(self.address, str(each["href"]))
        raise AssertionError(f"No link {words!r} on {self.address}: {self.text}")

    def presses(self, words: str, *, expecting: int = 200, **fields: Any) -> Person:
        """Fill in the form of a button and press it."""
        button, form = self.form_of(words)
        content = filled(form) | fields
        unknown = set(fields) - names_of(form)
        assert not unknown, f"The form has no {unknown} but {names_of(form)}"
        if button.get("name"):
            content[str(button["name"])] = button.get("value", "")
        target = urljoin(self.address, str(form.get("action") or self.address))
        send = self.client.post if form.get("method", "get").lower() == "post" else self.client.get
        return self.shown(send(target, content, follow=True), target, expecting)

    def form_of(self, words: str) -> tuple[Tag, Tag]:
        """The button with these words and its form."""
        for button in self.page.find_all("button"):
            said = " ".join(button.get_text(" ").split())
            form = button.find_parent("form")
            if words in said and form is not None and not button.has_attr("disabled"):
                return button, form
        raise AssertionError(f"No button {words!r} on {self.address}: {self.text}")

    def downloads(self, address: str) -> bytes:
        """The bytes behind an address."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer
        return b"".join(answer.streaming_content) if answer.streaming else answer.content


def names_of(form: Tag) -> set[str]:
    """The names of a form's fields."""
    return {str(each["name"]) for each in form.select("[name]")}


def filled(form: Tag) -> Form:
    """What a form holds as it stands on the page."""
    content: Form = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        if field.find_parent("template") or field.has_attr("disabled"):
            continue
        value = value_of(field)
        if value is not None:
            content[str(field["name"])] = value
    return content


def value_of(field: Tag) -> str | None:
    """What a field sends; None when it sends nothing."""
    if field.name == "textarea":
        return field.get_text().removeprefix("\r\n").removeprefix("\n")
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return str(chosen.get("value", chosen.get_text())) if chosen else None
    kind = field.get("type", "text")
    if kind == "file" or (kind in {"checkbox", "radio"} and not field.has_attr("checked")):
        return None
    return str(field.get("value", "on" if kind == "checkbox" else ""))


def signed_in(email: str, password: str = PASSWORD) -> Person:
    """Somebody who came in through the door."""
    person = Person()
    person.opens("/accounts/login/").presses("Sign in", login=email, password=password)
    assert "/accounts/" not in person.address, person.text
    return person


def upload(name: str, content: bytes, kind: str) -> SimpleUploadedFile:
    """A file that a person picked."""
    return SimpleUploadedFile(name, content, kind)
