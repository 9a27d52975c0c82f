from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "prs.kernel.tenancy"
    label = "tenancy"
