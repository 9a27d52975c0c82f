from django.urls import path, re_path

from prs.api import problems, views

app_name = "api"
urlpatterns = [
    path("openapi.json", views.document, name="document"),
    path("docs", views.page, name="docs"),
    path("v1/invoices/import", views.import_invoices, name="import"),
    path("v1/invoices/correct", views.correct_invoice, name="correct"),
    # Whatever a number holds, line ends too, the answer is the API's own.
    re_path(r"^v1/invoices/(?P<number>[\s\S]+)$", views.read_invoice, name="invoice"),
    # Addresses of the older system, for clients that can't be changed.
    path("sales/import/invoice/", views.import_invoices, name="older_import"),
    path("sales/update/invoice/", views.correct_invoice, name="older_correct"),
    re_path(r"^(?P<rest>[\s\S]*)$", problems.no_such_address, name="nowhere"),
]
