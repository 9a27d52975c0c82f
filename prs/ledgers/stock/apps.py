from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "prs.ledgers.stock"
    label = "stock"
