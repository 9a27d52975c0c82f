"""How commissions, paces, streaks and ranks are worked out. Plain Python: no database."""
