from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "prs.operations.incentives"
    label = "incentives"
