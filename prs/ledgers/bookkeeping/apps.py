from django.apps import AppConfig


class BookkeepingConfig(AppConfig):
    name = "prs.ledgers.bookkeeping"
    label = "bookkeeping"
