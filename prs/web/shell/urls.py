from django.urls import path

from prs.web.shell import channels, health, live, notifications, searching, views

app_name = "shell"
urlpatterns = [
    path("", views.home, name="home"),
    path("live", live.live, name="live"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("search", searching.search, name="search"),
    path("keys", views.keys, name="keys"),
    path("preferences", views.preferences, name="preferences"),
    path("open/<str:kind>/<uuid:pk>", views.open_subject, name="open"),
    path("notifications", notifications.centre, name="notifications"),
    path("notifications/read", notifications.read_all, name="read_all"),
    path("notifications/<uuid:pk>/read", notifications.read, name="read"),
    path("notifications/choices", channels.choices, name="notification_preferences"),
    path("notifications/texts", notifications.texts, name="notification_texts"),
    path("notifications/texts/<str:code>", notifications.text, name="notification_text"),
]
