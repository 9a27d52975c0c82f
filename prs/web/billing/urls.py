from django.urls import path

from prs.web.billing import invoices, payments, receivables, reminder_texts, reports

app_name = "billing"
urlpatterns = [
    # /billing/…
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/add/", invoices.add_invoice, name="add_invoice"),
    path("invoices/<uuid:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:pk>/return/", invoices.return_invoice, name="return_invoice"),
    path("invoices/<uuid:pk>/credit/", invoices.pay_with_credit, name="pay_with_credit"),
    path("invoices/<uuid:pk>/give-up/", invoices.credit_invoice, name="credit_invoice"),
    # receivables
    path("invoices/<uuid:pk>/remind/", receivables.remind, name="remind"),
    path("invoices/<uuid:pk>/letter/", reminder_texts.reminder_letter, name="reminder_letter"),
    path("invoices/<uuid:pk>/collect/", receivables.take_in_hand, name="take_in_hand"),
    path("invoices/<uuid:pk>/collect/end/", receivables.let_go, name="let_go"),
    path("invoices/<uuid:pk>/write-off/", receivables.ask_write_off, name="ask_write_off"),
    path("invoices/<uuid:pk>/recover/", receivables.recover, name="recover"),
    path("receivables/", receivables.receivables, name="receivables"),
    path("receivables/remind/", receivables.remind_picked, name="remind_picked"),
    path("receivables/ageing/", reports.ageing, name="ageing"),
    path("receivables/ageing/pdf/", reports.ageing_document, name="ageing_pdf"),
    path("receivables/ageing/<slug:form>/", reports.ageing_file, name="ageing_file"),
    path("receivables/credit/", reports.credit_used, name="credit"),
    path("receivables/collected/", reports.collected, name="collected"),
    path("receivables/write-offs/", receivables.write_offs, name="write_offs"),
    path("receivables/write-offs/<uuid:pk>/", receivables.write_off, name="write_off"),
    path(
        "receivables/write-offs/<uuid:pk>/approve/",
        receivables.approve_write_off,
        name="approve_write_off",
    ),
    path(
        "receivables/write-offs/<uuid:pk>/refuse/",
        receivables.refuse_write_off,
        name="refuse_write_off",
    ),
    path("receivables/texts/", reminder_texts.reminder_texts, name="reminder_texts"),
    path(
        "receivables/texts/<slug:tone>/",
        reminder_texts.edit_reminder_text,
        name="edit_reminder_text",
    ),
    path(
        "receivables/texts/<slug:tone>/reset/",
        reminder_texts.reset_reminder_text,
        name="reset_reminder_text",
    ),
    path("receivables/overrides/", receivables.overrides, name="overrides"),
    path("customers/<uuid:pk>/credit/", reports.customer_credit, name="customer_credit"),
    # payments
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
