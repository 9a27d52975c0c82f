"""What happened: one call writes the audit row and the outbox, and everything that follows hangs on it.

Owns the audit chain, the outbox of live events, notifications with their preferences and texts, and
mail. Refuses to change or delete what was recorded. Every service that writes calls `record`.
"""
