from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "prs.operations.fulfilment"
    label = "fulfilment"
