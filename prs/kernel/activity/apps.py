from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "prs.kernel.activity"
    label = "activity"
