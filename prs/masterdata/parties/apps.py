from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "prs.masterdata.parties"
    label = "parties"
