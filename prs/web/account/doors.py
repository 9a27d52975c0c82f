"""Pages of allauth that ours take the place of. Stands before allauth's own addresses."""

from django.urls import path
from django.views.generic import RedirectView

from prs.web.account import views
from prs.web.kit.access import signed_in

to_security = signed_in(RedirectView.as_view(pattern_name="account:security"))
to_sessions = signed_in(RedirectView.as_view(pattern_name="account:sessions"))

urlpatterns = [
    path("2fa/", to_security, name="mfa_index"),
    path("2fa/recovery-codes/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("sessions/", to_sessions, name="usersessions_list"),
]
