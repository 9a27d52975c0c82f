from django.urls import path

from prs.web.books import views

app_name = "books"
urlpatterns = [
    # /books/…
    path("", views.trial_balance, name="trial_balance"),
    path("accounts/<uuid:pk>/", views.account, name="account"),
    path("entries/<uuid:pk>/", views.entry, name="entry"),
    path("periods/", views.periods, name="periods"),
    path("periods/close/", views.close_period, name="close_period"),
    path("periods/<uuid:pk>/open/", views.open_period, name="open_period"),
]
