from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "prs.masterdata.catalog"
    label = "catalog"
