"""Who may do what: every address, asked by everybody, in every way.

The answers stand in `matrix.txt`, a line for each address and method, grouped by status. A new address
fails until its line is written: `PRS_WRITE_MATRIX=1 pytest tests/architecture/test_matrix.py` adds lines,
`sort -u -o` puts them in order; delete an old line first, and read the difference.
What must hold for every line is asserted besides.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections, transaction
from django.template.base import Template
from django.utils.safestring import mark_safe

from prs.kernel.tenancy.context import tenant_context
from prs.web.account import middleware
from tests.architecture.actors import Actor, digest, make_actors, path_of
from tests.architecture.addresses import Address, addresses
from tests.factories.world import Worlds, tenant_models

WRITTEN = Path(__file__).with_name("matrix.txt")
WRITE = bool(os.environ.get("PRS_WRITE_MATRIX"))
# Whom the rarer methods are tried with, and who is asked where no right of a role decides.
FEW = frozenset({"anonymous", "owner"})
SOME = frozenset({*FEW, "viewer", "customer", "outsider", "deactivated", "newcomer"})
EVERY = [pytest.param(each, id=each.name or each.route or "/") for each in addresses()]
# Without a worker the house says that it is not ready.
UNREADY = {"shell:readyz"}
BLANK = mark_safe("")


@pytest.fixture(scope="module")
def actors(standing_worlds: Worlds) -> Iterator[dict[str, Actor]]:
    """Everybody, before pages that are answered without being drawn: who may enter is asked, not how
    it looks. Platform staff count as having proven their second factor.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda *_context: BLANK)
        patch.setattr(middleware, "owes_second_factor", lambda _request: False)
        yield make_actors(standing_worlds)
    connections["cache"].close()


def asked(address: Address, method: str, actors: dict[str, Actor]) -> list[str]:
    """Who tries an address by a method."""
    mark = getattr(address.view, "access", "")
    if method not in {"GET", "POST"}:
        return [name for name in actors if name in FEW]
    decides = "." in mark or mark.startswith("platform:")
    return [name for name in actors if decides or name in SOME]


def answers_of(address: Address, worlds: Worlds, actors: dict[str, Actor]) -> Any:
    """Status by method and actor. Whatever a request does is undone."""
    path = path_of(worlds.acme, address.route, address.name)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for method in ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE"):
        for name in asked(address, method, actors):
            cache.clear()
            with transaction.atomic():
                found[method][name] = actors[name].asks(method, path).status_code
                transaction.set_rollback(True)
    return found


def line(name: str, method: str, answers: dict[str, int]) -> str:
    """The answers of one address to one method, as they are written down."""
    groups = defaultdict(list)
    for actor, status in answers.items():
        groups[status].append(actor)
    told = "; ".join(f"{status} {' '.join(groups[status])}" for status in sorted(groups))
    return f"{name} {method}: {told}"


def written() -> dict[str, str]:
    lines = WRITTEN.read_text().splitlines() if WRITTEN.exists() else []
    return {each.split(": ", 1)[0]: each for each in lines if each and not each.startswith("#")}


def label(address: Address) -> str:
    return address.name or f"/{address.route}"


@pytest.mark.parametrize("address", EVERY)
def test_an_address_answers_everybody_as_written(standing_worlds, actors, address):
    if WRITE and f"{label(address)} GET" in written():
        pytest.skip("It is written already.")
    answers = answers_of(address, standing_worlds, actors)

    lines = {f"{label(address)} {m}": line(label(address), m, a) for m, a in answers.items()}
    if WRITE:
        with WRITTEN.open("a") as file:
            file.write("".join(f"{each}\n" for each in lines.values()))
    else:
        known = written()
        assert {key: known.get(key) for key in lines} == lines
    assert [
        f"{actor} {method}"
        for method, by_actor in answers.items()
        for actor, status in by_actor.items()
        if status >= 500 and address.name not in UNREADY
    ] == []
    if address.ours:
        kept_out(address, answers, actors)


def kept_out(address: Address, answers: Any, actors: dict[str, Actor]) -> None:
    """What holds for every address of ours, whatever is written."""
    mark = address.view.access  # type: ignore[attr-defined]
    for method, by_actor in answers.items():
        if mark != "public":
            assert by_actor["anonymous"] in {302, 401, 404, 405}
        if method in {"PUT", "DELETE"} or (method == "PATCH" and mark != "api_key"):
            assert set(by_actor.values()) <= {302, 401, 403, 404, 405}
        if "pk" in address.ids and mark not in {"public", "signed_in", "api_key"}:
            assert by_actor.get("outsider", 404) in {302, 403, 404, 405}
        if mark != "api_key":
            assert by_actor.get("deactivated", 403) == 403
        if "." in mark:
            assert strangers_in(set(mark.split()), by_actor, actors) == []


def strangers_in(needs: set[str], by_actor: dict[str, int], actors: dict[str, Actor]) -> list[str]:
    """Who got in without holding any of the rights that a mark names."""
    return [
        name
        for name, status in by_actor.items()
        if not actors[name].held & needs and status not in {302, 403, 405}
    ]


def test_no_line_is_left_of_an_address_that_is_gone():
    names = {label(each) for each in addresses()}
    assert {key.rsplit(" ", 1)[0] for key in written()} - names == set()


SWAPPED = [
    pytest.param(each, id=each.name)
    for each in addresses()
    if each.ours and "pk" in each.ids and not each.name.startswith(("operator:", "account:"))
]


@pytest.fixture(scope="module")
def next_door(standing_worlds: Worlds) -> dict[str, str]:
    """What Zenith's tables hold; every request of this module is undone."""
    return held_by_zenith(standing_worlds)


def held_by_zenith(worlds: Worlds) -> dict[str, str]:
    with tenant_context(worlds.zenith.organization.pk):
        return digest([model._meta.db_table for model in tenant_models()])


@pytest.mark.parametrize("address", SWAPPED)
def test_an_id_from_next_door_is_not_found_and_changes_nothing(
    standing_worlds, next_door, actors, address
):
    """The owner of Acme, who may do everything, names rows of Zenith. Who reads can't write anyway."""
    zenith = standing_worlds.zenith
    with tenant_context(zenith.organization.pk):
        path = path_of(zenith, address.route, address.name)
    for method in ("GET", "POST"):
        with transaction.atomic():
            answer = actors["owner"].asks(method, path)
            if answer.status_code == 302:  # it leads on by kind and id, without looking
                answer = actors["owner"].asks("GET", answer["Location"])
            if method == "POST":
                assert held_by_zenith(standing_worlds) == next_door
            transaction.set_rollback(True)
        assert answer.status_code in {403, 404, 405}, method
