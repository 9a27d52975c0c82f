from django.urls import path

from prs.web.till import counter, paying, returns, sales, settings, sheets, shifts

app_name = "till"
urlpatterns = [
    # /till/…
    path("", counter.counter, name="counter"),
    path("open/", counter.open_shift, name="open"),
    path("join/", counter.join, name="join"),
    path("leave/", counter.leave, name="leave"),
    path("shelf/", counter.shelf, name="shelf"),
    path("pictures/<uuid:pk>/", counter.picture, name="picture"),
    # the basket
    path("basket/", counter.basket, name="basket"),
    path("basket/scan/", counter.scan, name="scan"),
    path("basket/add/<uuid:pk>/", counter.add, name="add"),
    path("basket/lines/<uuid:pk>/", counter.quantity, name="quantity"),
    path("basket/lines/<uuid:pk>/discount/", sheets.discount, name="discount_line"),
    path("basket/discount/", sheets.discount, name="discount"),
    path("basket/level/", counter.level, name="level"),
    path("basket/customer/", sheets.customer, name="customer"),
    path("basket/hold/", counter.hold, name="hold"),
    path("basket/abandon/", counter.abandon, name="abandon"),
    path("basket/pay/", paying.pay, name="pay"),
    path("held/", sheets.held, name="held"),
    path("cash/", sheets.cash, name="cash"),
    path("switch/", sheets.switch, name="switch"),
    path("pin/", sheets.own_pin, name="own_pin"),
    # sales and their receipts
    path("sales/", sales.history, name="sales"),
    path("sales/<uuid:pk>/", sales.sale, name="sale"),
    path("sales/<uuid:pk>/done/", paying.done, name="done"),
    path("sales/<uuid:pk>/receipt/", paying.receipt, name="receipt"),
    path("sales/<uuid:pk>/receipt/pdf/", paying.receipt_pdf, name="receipt_pdf"),
    path("sales/<uuid:pk>/receipt/mail/", paying.receipt_mail, name="receipt_mail"),
    path("sales/<uuid:pk>/void/", returns.void, name="void"),
    path("sales/<uuid:pk>/return/", returns.return_sale, name="return_sale"),
    # what came back
    path("returns/", returns.returned, name="returns"),
    path("returns/add/", returns.without_receipt, name="return_goods"),
    path("returns/<uuid:pk>/", returns.detail, name="return"),
    # shifts
    path("shifts/", shifts.all_shifts, name="shifts"),
    path("shifts/close/", shifts.close, name="close"),
    path("shifts/<uuid:pk>/", shifts.detail, name="shift"),
    path("shifts/<uuid:pk>/confirm/", shifts.confirm, name="confirm"),
    path("today/", shifts.today, name="today"),
    # setting up
    path("settings/", settings.settings, name="settings"),
    path("settings/tills/add/", settings.add_till, name="add_till"),
    path("settings/tills/<uuid:pk>/", settings.change_till, name="change_till"),
    path("settings/rules/<uuid:pk>/", settings.change_rule, name="change_rule"),
]
