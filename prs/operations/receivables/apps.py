from django.apps import AppConfig


class ReceivablesConfig(AppConfig):
    name = "prs.operations.receivables"
    label = "receivables"
