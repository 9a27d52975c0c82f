"""Running things at the same moment, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

from django.db import connections

from prs.kernel.errors import Refusal
from prs.kernel.tenancy.context import tenant_context

PATIENCE = 30


def together(organization_id: UUID, *verbs: Callable[[], Any]) -> list[Any]:
    """Run verbs at once, each in a transaction of the organization; their answers, in their order.

    A refusal is an answer. Any other error is raised here, so that it fails the test.
    """
    start, answers = Barrier(len(verbs)), [None] * len(verbs)

    def run(place: int, verb: Callable[[], Any]) -> None:
        try:
            start.wait(PATIENCE)
            with tenant_context(organization_id):
                answers[place] = verb()
        except Exception as error:  # noqa: BLE001  (it is raised below, in the test's own thread)
            answers[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, Refusal):
            raise answer
    return answers


def kinds(answers: Sequence[Any]) -> list[str]:
    """The names of the answers' types, sorted."""
    return sorted(type(answer).__name__ for answer in answers)
