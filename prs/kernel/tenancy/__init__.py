"""Organizations and what keeps them apart.

Owns the organization, the base class of every table that belongs to one, its counters, stored files,
documents and idempotency keys. Refuses any query without an organization. Everything above calls it.
"""
