from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "prs.operations.invoicing"
    label = "invoicing"
