from django.urls import path

from prs.web.books import chart, journal, periods, rates, reports

app_name = "books"
urlpatterns = [
    # /books/… reports
    path("", reports.trial_balance, name="trial_balance"),
    path("income/", reports.income, name="income"),
    path("balance-sheet/", reports.balance_sheet, name="balance_sheet"),
    path("cash-flow/", reports.cash_flow, name="cash_flow"),
    path("tax/", reports.tax, name="tax"),
    path("parties/<slug:whom>/", reports.parties, name="parties"),
    path("parties/<slug:whom>/<uuid:pk>/", reports.party, name="party"),
    # /books/accounts/… the chart
    path("accounts/", chart.accounts, name="accounts"),
    path("accounts/add/", chart.add_account, name="add_account"),
    path("accounts/import/", chart.import_chart, name="import_chart"),
    path("accounts/export/", chart.export_chart, name="export_chart"),
    path("accounts/<uuid:pk>/", chart.account, name="account"),
    path("accounts/<uuid:pk>/edit/", chart.edit_account, name="edit_account"),
    path("rules/", chart.rules, name="rules"),
    path("rules/<slug:heading>/", chart.rule, name="rule"),
    # /books/entries/… the journal
    path("entries/", journal.entries, name="entries"),
    path("entries/<uuid:pk>/", journal.entry, name="entry"),
    path("entries/<uuid:pk>/reverse/", journal.reverse, name="reverse"),
    path("drafts/", journal.drafts, name="drafts"),
    path("drafts/add/", journal.add_draft, name="add_draft"),
    path("drafts/<uuid:pk>/", journal.draft, name="draft"),
    path("drafts/<uuid:pk>/edit/", journal.edit_draft, name="edit_draft"),
    path("drafts/<uuid:pk>/submit/", journal.submit_draft, name="submit_draft"),
    path("drafts/<uuid:pk>/discard/", journal.discard_draft, name="discard_draft"),
    path("drafts/<uuid:pk>/approve/", journal.approve_draft, name="approve_draft"),
    path("drafts/<uuid:pk>/return/", journal.return_draft, name="return_draft"),
    path("drafts/<uuid:pk>/copy/", journal.copy_draft, name="copy_draft"),
    path("drafts/<uuid:pk>/file/", journal.draft_file, name="draft_file"),
    path("recurring/", journal.recurring, name="recurring"),
    path("recurring/add/", journal.add_recurring, name="add_recurring"),
    path("recurring/<uuid:pk>/approve/", journal.approve_recurring, name="approve_recurring"),
    path("recurring/<uuid:pk>/switch/", journal.switch_recurring, name="switch_recurring"),
    # /books/periods/… years, months, opening balances
    path("periods/", periods.periods, name="periods"),
    path("periods/year/", periods.set_up_year, name="set_up_year"),
    path("periods/<uuid:pk>/close/", periods.close_period, name="close_period"),
    path("periods/<uuid:pk>/lock/", periods.lock_period, name="lock_period"),
    path("periods/<uuid:pk>/open/", periods.ask_to_open, name="open_period"),
    path("reopenings/<uuid:pk>/grant/", periods.grant_opening, name="grant_opening"),
    path("reopenings/<uuid:pk>/refuse/", periods.refuse_opening, name="refuse_opening"),
    path("years/<uuid:pk>/close/", periods.close_year, name="close_year"),
    path("opening/", periods.opening, name="opening"),
    # /books/rates/… other currencies, and the books as plain text
    path("rates/", rates.rates, name="rates"),
    path("rates/import/", rates.import_rates, name="import_rates"),
    path("rates/revalue/", rates.revalue, name="revalue"),
    path("plain/<slug:form>/", rates.plain_text, name="plain_text"),
]
