"""Each rule is what refuses: drop it, and its attack goes through.

The rules are dropped one at a time by the owner, inside a transaction that is undone. What rights and
policies keep cannot be seen as the owner; `tests/kernel/tenancy` takes those away for real.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models, transaction

from prs.kernel.db.constraints import RowSecurity, SqlConstraint, WrittenByDatabase
from prs.kernel.db.roles import become
from prs.kernel.tenancy.context import tenant_context
from tests.cast import STANDING
from tests.factories.world import Worlds, make_worlds
from tests.kernel.db.attacks import NEEDS_TWO, SAME_ANSWER, answer_to, attack_on, rules

# Rules that a second rule repeats on purpose, so that dropping one alone lets nothing through.
KEPT_TWICE = {
    "allocation_settles_its_invoice": "a decided payment takes no allocation, and deciding asks again",
    "member_one_organization_per_user": "the one-to-one field has a unique index of its own",
}


@pytest.fixture(scope="module")
def owned_worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[Worlds]:
    """Both organizations, made and attacked by the owner of the tables."""
    with django_db_blocker.unblock():
        become("owner")
        try:
            with transaction.atomic():
                people = STANDING.cast()
                with tenant_context(people.acme.pk):
                    both = make_worlds(people)
                    connection.check_constraints()
                    yield both
                transaction.set_rollback(True)
        finally:
            become("app")


def dropped(model: Any, rule: Any) -> str:
    """The statement that takes a rule away."""
    table = model._meta.db_table
    if isinstance(rule, SqlConstraint):
        return rule.backward(model)
    if isinstance(rule, models.UniqueConstraint) and (
        rule.condition is not None or rule.expressions
    ):
        return f"DROP INDEX {rule.name}"
    return f"ALTER TABLE {table} DROP CONSTRAINT {rule.name}"


def owners_rules() -> list[Any]:
    return [
        pytest.param(model, rule, id=rule.name)
        for model, rule in rules()
        if not isinstance(rule, RowSecurity | WrittenByDatabase)
        and rule.name not in {*KEPT_TWICE, *NEEDS_TWO}
    ]


@pytest.mark.parametrize(("model", "rule"), owners_rules())
def test_without_the_rule_its_attack_goes_through(owned_worlds, model, rule):
    attack = attack_on(model, rule)
    expected = SAME_ANSWER.get(rule.name, rule.name)
    assert answer_to(attack, owned_worlds) == expected

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(dropped(model, rule))
        answer = answer_to(attack, owned_worlds)
        transaction.set_rollback(True)

    assert answer != expected
