from django.urls import path

from prs.web.operator import views

app_name = "operator"
urlpatterns = [
    # /platform/
    path("", views.organizations, name="organizations"),
    path("organizations/new/", views.open_organization, name="open"),
    path("organizations/<uuid:pk>/", views.organization, name="organization"),
    path("organizations/<uuid:pk>/suspend/", views.suspend, name="suspend"),
    path("organizations/<uuid:pk>/reactivate/", views.reactivate, name="reactivate"),
    path("organizations/<uuid:pk>/welcome/", views.resend_welcome, name="welcome"),
    path("people/", views.people, name="people"),
    path("people/add/", views.add_person, name="add_person"),
    path("people/<uuid:pk>/role/", views.change_role, name="change_role"),
]
