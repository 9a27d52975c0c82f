from django.urls import path

from prs.web.billing import invoices, payments

app_name = "billing"
urlpatterns = [
    # /billing/…
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/add/", invoices.add_invoice, name="add_invoice"),
    path("invoices/<uuid:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:pk>/return/", invoices.return_invoice, name="return_invoice"),
    path("invoices/<uuid:pk>/credit/", invoices.pay_with_credit, name="pay_with_credit"),
    path("invoices/<uuid:pk>/give-up/", invoices.credit_invoice, name="credit_invoice"),
    path("payments/", payments.payments, name="payments"),
    path("payments/<uuid:pk>/", payments.payment, name="payment"),
    path("payments/<uuid:pk>/answer/", payments.answer, name="answer"),
    path("payments/<uuid:pk>/withdraw/", payments.withdraw, name="withdraw"),
    path("payments/<uuid:pk>/refund/", payments.request_refund, name="request_refund"),
    path("payments/<uuid:pk>/charge-back/", payments.charge_back, name="charge_back"),
    path("payments/<uuid:pk>/bounce/", payments.bounce, name="bounce"),
    path("payments/<uuid:pk>/deposit/", payments.deposit_cheque, name="deposit_cheque"),
    path("payments/<uuid:pk>/clear/", payments.clear_cheque, name="clear_cheque"),
    path("payments/<uuid:pk>/proof/", payments.proof, name="proof"),
    path("payments/<uuid:pk>/receipt/", payments.receipt, name="receipt"),
    path("receipts/<str:token>/", payments.genuine, name="genuine"),
    path("customers/<uuid:pk>/pay/", payments.record_payment, name="record_payment"),
]
