from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "prs.operations.purchasing"
    label = "purchasing"
