from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "prs.api"
    label = "api"
