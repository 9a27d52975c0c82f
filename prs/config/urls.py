"""Every address of the product."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

handler400 = "prs.web.kit.errors.bad_request"
handler403 = "prs.web.kit.errors.permission_denied"
handler404 = "prs.web.kit.errors.page_not_found"
handler429 = "prs.web.account.views.too_many"
handler500 = "prs.web.kit.errors.server_error"

urlpatterns = [
    path("accounts/", include("prs.web.account.doors")),
    path("accounts/", include("allauth.urls")),
    path("account/", include("prs.web.account.urls")),
    path("platform/", include("prs.web.operator.urls")),
    path("language/", set_language, name="set_language"),
    path("billing/", include("prs.web.billing.urls")),
    path("books/", include("prs.web.books.urls")),
    path("office/", include("prs.web.office.urls")),
    path("floor/", include("prs.web.floor.urls")),
    path("sales/", include("prs.web.sales.urls")),
    path("stock/", include("prs.web.stock.urls")),
    path("till/", include("prs.web.till.urls")),
    path("verify/", include("prs.web.verify.urls")),
    path("api/", include("prs.api.urls")),
    path("", include("prs.web.shell.urls")),
]
