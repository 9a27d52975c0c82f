"""PostgreSQL as Django drives it, with a cheaper look at whether a connection still stands."""
