from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "prs.web"
    label = "web"

    def ready(self) -> None:
        # What allauth announces is heard from here; its module needs the models to be there.
        import_module("prs.web.account.receivers")
