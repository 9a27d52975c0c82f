"""Every named rule of the database refuses what it is there to refuse, to the application's role."""

from __future__ import annotations

from typing import Any

import pytest

from prs.kernel.db.constraints import AppendOnly, RowSecurity, WrittenByDatabase
from tests.architecture.source import ROOT, text_of
from tests.kernel.db.attacks import (
    BY_HAND,
    NEEDS_TWO,
    POLICY,
    RIGHTS,
    SAME_ANSWER,
    answer_to,
    attack_on,
    rules,
)

# Append-only rules are kept twice: the application lacks the right, and a trigger stops everybody.
FIRST_ANSWER: dict[type, str] = {
    AppendOnly: RIGHTS,
    WrittenByDatabase: RIGHTS,
    RowSecurity: POLICY,
}
# Tables that only the database writes refuse every copy before any other rule is asked.
DERIVED = [model for model, rule in rules() if isinstance(rule, WrittenByDatabase)] + [
    model for model, rule in rules() if isinstance(rule, AppendOnly) and not rule.insert
]


def expected(model: Any, rule: Any) -> str:
    if model in DERIVED and rule.name not in BY_HAND:
        return RIGHTS
    # What may go after a time is let in by rights, and looked at by the trigger.
    if isinstance(rule, AppendOnly) and rule.kept_days:
        return rule.name
    return FIRST_ANSWER.get(type(rule)) or SAME_ANSWER.get(rule.name, rule.name)


EVERY = [
    pytest.param(model, rule, id=rule.name) for model, rule in rules() if rule.name not in NEEDS_TWO
]


@pytest.mark.parametrize(("model", "rule"), EVERY)
def test_a_rule_refuses_what_it_is_there_to_refuse(standing_worlds, model, rule):
    attack = attack_on(model, rule)
    assert attack is not None, f"Nobody attacks {rule.name}: write how it can be broken"

    assert answer_to(attack, standing_worlds) == expected(model, rule)


def test_no_attack_is_left_of_a_rule_that_is_gone():
    assert set(BY_HAND) - {rule.name for _model, rule in rules()} == set()


@pytest.mark.parametrize("rule", NEEDS_TWO)
def test_a_rule_about_two_at_once_has_its_race(rule):
    path, test = NEEDS_TWO[rule]
    assert rule in {each.name for _model, each in rules()}
    assert f"def {test}(" in text_of(ROOT / path)
