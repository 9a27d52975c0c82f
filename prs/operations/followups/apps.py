from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "prs.operations.followups"
    label = "followups"
