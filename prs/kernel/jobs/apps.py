from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "prs.kernel.jobs"
    label = "jobs"
