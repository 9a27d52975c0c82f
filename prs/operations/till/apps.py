from django.apps import AppConfig


class TillConfig(AppConfig):
    name = "prs.operations.till"
    label = "till"
