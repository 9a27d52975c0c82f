from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "prs.operations.payments"
    label = "payments"
