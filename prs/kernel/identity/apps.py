from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "prs.kernel.identity"
    label = "identity"
