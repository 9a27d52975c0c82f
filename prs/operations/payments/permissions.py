"""Rights over payments. Who records does not verify: that is checked besides, by the database."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Payments")
VIEW = Permission("payments.view", _("See payments"), GROUP)
RECORD = Permission("payments.record", _("Record payments"), GROUP)
VERIFY = Permission("payments.verify", _("Verify and deny payments of others"), GROUP)
VERIFY_SECOND = Permission(
    "payments.verify_second", _("Decide payments that need a second verifier"), GROUP
)
REQUEST_REFUND = Permission("payments.request_refund", _("Ask for refunds"), GROUP)
REFUND = Permission("payments.refund", _("Approve refunds that others ask for"), GROUP)
CHARGE_BACK = Permission("payments.charge_back", _("Book chargebacks and bounced cheques"), GROUP)
CHEQUES = Permission("payments.cheques", _("Deposit and clear cheques"), GROUP)
POLICY = Permission("payments.policy", _("Set how payments are verified"), GROUP)
