from django.urls import path

from prs.web.verify import cash, dashboard, policies, records, views

app_name = "verify"
urlpatterns = [
    # /verify/…
    path("", views.queue, name="queue"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("history/", records.history, name="history"),
    path("refunds/", records.refunds, name="refunds"),
    path("refunds/<uuid:pk>/", records.reversal, name="reversal"),
    path("refunds/<uuid:pk>/proof/", records.reversal_proof, name="reversal_proof"),
    path("refunds/<uuid:pk>/note/", records.reversal_note, name="reversal_note"),
    path("refunds/<uuid:pk>/approve/", records.approve_refund, name="approve_refund"),
    path("refunds/<uuid:pk>/refuse/", records.refuse_refund, name="refuse_refund"),
    path("cash/", cash.cash, name="cash"),
    path("cash/count/", cash.count, name="count"),
    path("policy/", policies.policy, name="policy"),
    path("policy/add/", policies.add_policy, name="add_policy"),
    path("policy/effect/", policies.policy_effect, name="policy_effect"),
    path("policy/<uuid:pk>/", policies.change_policy, name="change_policy"),
    path("policy/<uuid:pk>/remove/", policies.remove_policy, name="remove_policy"),
    path("next/", views.take_next, name="next"),
    path("<uuid:pk>/", views.review, name="review"),
    path("<uuid:pk>/claim/", views.claim, name="claim"),
    path("<uuid:pk>/release/", views.release, name="release"),
    path("<uuid:pk>/verify/", views.verify, name="verify"),
    path("<uuid:pk>/deny/", views.deny, name="deny"),
    path("<uuid:pk>/ask/", views.ask_back, name="ask"),
    path("<uuid:pk>/record/", records.record, name="record"),
]
