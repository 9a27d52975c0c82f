from django.urls import path

from prs.web.account import views

app_name = "account"
urlpatterns = [
    # /account/
    path("", views.profile, name="profile"),
    path("security/", views.security, name="security"),
    path("security/events/", views.events, name="events"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/end-others/", views.end_others, name="end_others"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("second-factor/", views.second_factor, name="second_factor"),
    path("open/", views.open_organization, name="open"),
    path("password/strength/", views.strength, name="strength"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]
