"""Following up on what customers owe: the log of contacts, promises, visits and alerts."""
