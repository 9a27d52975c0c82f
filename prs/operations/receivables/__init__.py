"""Collecting what is owed: reminders, collection, writing off, and the reports of receivables."""
