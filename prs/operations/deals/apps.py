from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "prs.operations.deals"
    label = "deals"
