from typing import Any

from django.http import HttpResponse
from django.urls import include, path

from prs.web.billing.tables import INVOICES
from prs.web.kit.access import members_only

# The goal speaks of 50 rows; the product shows fewer at first.
object.__setattr__(INVOICES, "page_size", 50)


@members_only
def hello(request: Any) -> HttpResponse:
    return HttpResponse(f"hello {request.member.pk}")


urlpatterns = [path("hello", hello), path("", include("prs.config.urls"))]
