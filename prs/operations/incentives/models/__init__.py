"""Tables of commissions, goals and streaks."""

from __future__ import annotations

from prs.operations.incentives.models.commissions import (
    Commission,
    CommissionLine,
    CommissionRule,
    Dispute,
    Payout,
    SalesMoney,
    Split,
    TeamOverride,
)
from prs.operations.incentives.models.goals import Goal, GoalSkip, StreakDay, WorkCalendar

__all__ = [
    "Commission",
    "CommissionLine",
    "CommissionRule",
    "Dispute",
    "Goal",
    "GoalSkip",
    "Payout",
    "SalesMoney",
    "Split",
    "StreakDay",
    "TeamOverride",
    "WorkCalendar",
]
