from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "prs.masterdata.places"
    label = "places"
