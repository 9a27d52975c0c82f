"""The demonstration is rewarded for what it sold."""

from __future__ import annotations

from datetime import timedelta

from prs.operations.incentives.models import Commission, Goal, StreakDay
from prs.web.management.demo.rewards import reward
from tests.cast import NOON
from tests.factories.incentives import sell


def test_the_demonstration_has_commissions_goals_and_streaks(cast, quick_documents):
    sell(cast.sam, cast.vera, at=NOON - timedelta(days=60))
    people = {"owner": [cast.olga], "salesperson": [cast.sam, cast.sara]}

    reward(cast.acme, people, at=NOON)

    states = Commission.objects.order_by("starts_on", "member__name").values_list(
        "state", flat=True
    )
    assert list(states) == ["paid", "approved", "draft", "draft"]
    assert Goal.objects.count() == 3
    assert StreakDay.objects.filter(member=cast.sam).count() > 20
