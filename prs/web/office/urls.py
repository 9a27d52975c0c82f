from django.urls import path

from prs.web.office import (
    api_log,
    audit,
    badges,
    keys,
    menus,
    organization,
    people,
    roles,
    start,
    structure,
)

app_name = "office"
urlpatterns = [
    # /office/organization/…
    path("organization/", organization.profile, name="organization"),
    path("organization/logo/", organization.logo, name="logo"),
    path("organization/logo/change/", organization.change_logo, name="change_logo"),
    path("organization/security/", organization.security, name="security"),
    path(
        "organization/security/passwords/", organization.demand_passwords, name="demand_passwords"
    ),
    path("organization/settings/<slug:group>/", organization.settings, name="settings"),
    path(
        "organization/settings/<slug:group>/reset/",
        organization.reset_settings,
        name="reset_settings",
    ),
    # /office/people/…
    path("people/", people.people, name="members"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:pk>/", people.member, name="member"),
    path("people/<uuid:pk>/edit/", people.edit_member, name="edit_member"),
    path("people/<uuid:pk>/role/", people.give_role, name="give_role"),
    path("people/<uuid:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<uuid:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("people/<uuid:pk>/menu/", menus.member_menu, name="member_menu"),
    path("people/<uuid:pk>/card/", badges.card, name="card"),
    path("people/<uuid:pk>/card.svg", badges.card_image, name="card_image"),
    path("people/<uuid:pk>/card/reissue/", badges.reissue, name="reissue"),
    # /office/invitations/…
    path("invitations/", people.invited, name="invitations"),
    path("invitations/<uuid:pk>/", people.invitation, name="invitation"),
    path("invitations/<uuid:pk>/resend/", people.resend_invitation, name="resend_invitation"),
    path("invitations/<uuid:pk>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    # /office/badge/…
    path("badge/", badges.own, name="badge"),
    path("badge.svg", badges.own_image, name="badge_image"),
    path("badge/reissue/", badges.reissue_own, name="reissue_own"),
    path("badge/check/", badges.check, name="check_badge"),
    # /office/teams/…, departments, titles, branches
    path("teams/", structure.teams, name="teams"),
    path("teams/add/", structure.add_team, name="add_team"),
    path("teams/<uuid:pk>/", structure.team, name="team"),
    path("departments/", structure.departments, name="departments"),
    path("departments/add/", structure.add_department, name="add_department"),
    path("departments/<uuid:pk>/", structure.department, name="department"),
    path("titles/", structure.job_titles, name="job_titles"),
    path("titles/add/", structure.add_job_title, name="add_job_title"),
    path("titles/<uuid:pk>/", structure.job_title, name="job_title"),
    path("branches/", structure.branches, name="branches"),
    path("branches/add/", structure.add_branch, name="add_branch"),
    path("branches/<uuid:pk>/", structure.branch, name="branch"),
    # /office/roles/…
    path("roles/", roles.listed, name="roles"),
    path("roles/add/", roles.add_role, name="add_role"),
    path("roles/matrix/", roles.matrix, name="matrix"),
    path("roles/<uuid:pk>/", roles.role, name="role"),
    path("roles/<uuid:pk>/edit/", roles.edit_role, name="edit_role"),
    path("roles/<uuid:pk>/copy/", roles.copy_role, name="copy_role"),
    path("roles/<uuid:pk>/remove/", roles.remove_role, name="remove_role"),
    # /office/menus/…
    path("menus/", menus.overview, name="menus"),
    path("menus/bulk/", menus.bulk, name="bulk_menus"),
    path("menus/roles/<uuid:pk>/", menus.role_menu, name="role_menu"),
    # /office/keys/…
    path("keys/", keys.listed, name="keys"),
    path("keys/add/", keys.add_key, name="add_key"),
    path("keys/requests/", api_log.listed, name="api_requests"),
    path("keys/<uuid:pk>/", keys.key, name="key"),
    path("keys/<uuid:pk>/rotate/", keys.rotate, name="rotate_key"),
    path("keys/<uuid:pk>/revoke/", keys.revoke, name="revoke_key"),
    # /office/audit/…
    path("audit/", audit.listed, name="audit"),
    path("audit/<uuid:pk>/", audit.event, name="audit_event"),
    # /office/start/…
    path("start/", start.first_step, name="first_step"),
    path("start/<slug:step>/", start.start, name="start"),
]
