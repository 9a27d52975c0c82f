"""The platform's own area."""
