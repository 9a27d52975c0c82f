"""PostgreSQL as the keeper of the rules: constraints of our own, identifiers, roles."""
