"""What selling earns: commissions, goals, streaks and standings, all from verified money."""
