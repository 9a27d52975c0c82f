"""What happens to payments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "payments.view"

RECORDED = Event(
    "payment.recorded",
    _("Payment to verify"),
    _("{actor} recorded payment {subject} of {customer}: {amount}."),
    told=("payments.verify", "payments.policy"),
    held_as=("recorded_by_id",),
    sees=SEES,
    priority="high",
)
VERIFIED = Event(
    "payment.verified",
    _("Payment verified"),
    _("{actor} verified payment {subject} of {customer}: {amount}. Receipt {receipt}."),
    told_as=("recorded_by_id",),
    sees=SEES,
    mail=True,
    topics=("invoice",),
)
DENIED = Event(
    "payment.denied",
    _("Payment denied"),
    _("{actor} denied payment {subject} of {customer}, {amount}: {reason}"),
    told_as=("recorded_by_id",),
    sees=SEES,
    priority="high",
    mail=True,
)
ASKED = Event(
    "payment.asked",
    _("Question about a payment"),
    _("{actor} asks about payment {subject} of {customer}: {reason}"),
    told_as=("recorded_by_id",),
    sees=SEES,
    priority="high",
    mail=True,
)
ANSWERED = Event(
    "payment.answered",
    _("Answer about a payment"),
    _("{actor} answered about payment {subject}: {reason}"),
    told=("payments.verify",),
    held_as=("recorded_by_id",),
    sees=SEES,
)
CLAIMED = Event(
    "payment.claimed", _("Payment claimed"), _("{actor} looks at payment {subject}."), sees=SEES
)
RELEASED = Event(
    "payment.released", _("Payment released"), _("{actor} released payment {subject}."), sees=SEES
)
CHECKED = Event(
    "payment.checked",
    _("Payment to decide"),
    _("{actor} checked payment {subject} of {customer}, {amount}; a second verifier decides."),
    told=("payments.verify_second",),
    held_as=("recorded_by_id",),
    sees=SEES,
    priority="high",
)
WITHDRAWN = Event(
    "payment.withdrawn",
    _("Payment withdrawn"),
    _("{actor} withdrew payment {subject} of {customer}, {amount}: {reason}"),
    told_as=("recorded_by_id",),
    sees=SEES,
)
REFUND_REQUESTED = Event(
    "refund.requested",
    _("Refund to approve"),
    _("{actor} asks to refund {amount} to {customer} ({subject}): {reason}"),
    told=("payments.refund",),
    held_as=("payment.recorded_by_id",),
    sees=SEES,
    priority="high",
    topics=("payment",),
)
REFUND_REFUSED = Event(
    "refund.refused",
    _("Refund refused"),
    _("{actor} refused the refund {subject} to {customer}: {reason}"),
    told_as=("requested_by_id",),
    sees=SEES,
    priority="high",
    topics=("payment",),
)
REFUNDED = Event(
    "payment.refunded",
    _("Payment refunded"),
    _("{actor} refunded {amount} of payment {subject} to {customer}: {reason}"),
    told_as=("recorded_by_id",),
    sees=SEES,
    priority="high",
    mail=True,
    topics=("invoice",),
)
CHARGED_BACK = Event(
    "payment.charged_back",
    _("Payment charged back"),
    _("{amount} of payment {subject} of {customer} was charged back: {reason}"),
    told=("books.view",),
    held_as=("recorded_by_id",),
    told_as=("recorded_by_id",),
    sees=SEES,
    priority="urgent",
    mail=True,
    topics=("invoice",),
)
BOUNCED = Event(
    "payment.bounced",
    _("Cheque bounced"),
    _("The cheque of payment {subject} of {customer}, {amount}, bounced: {reason}"),
    told=("books.view",),
    held_as=("recorded_by_id",),
    told_as=("recorded_by_id",),
    sees=SEES,
    priority="urgent",
    mail=True,
    topics=("invoice",),
)
CHEQUE_DEPOSITED = Event(
    "payment.cheque_deposited",
    _("Cheque deposited"),
    _("{actor} brought the cheque of payment {subject} to the bank."),
    sees=SEES,
)
CHEQUE_CLEARED = Event(
    "payment.cheque_cleared",
    _("Cheque cleared"),
    _("The bank credited the cheque of payment {subject}."),
    told_as=("recorded_by_id",),
    sees=SEES,
)
CREDIT_USED = Event(
    "invoice.paid_with_credit",
    _("Paid with credit"),
    _("{actor} paid {amount} of invoice {subject} from the credit of {customer}."),
    told_as=("salesperson_id",),
    sees="invoices.view",
    topics=("payment",),
)
POLICY_CHANGED = Event(
    "verification.changed",
    _("Verification rule changed"),
    _("{actor} changed how {subject} is verified."),
    told=("payments.policy",),
    sees="payments.policy",
)
POLICY_REMOVED = Event(
    "verification.removed",
    _("Verification rule removed"),
    _("{actor} removed the rule for verifying {subject}."),
    told=("payments.policy",),
    sees="payments.policy",
)
CASH_COUNTED = Event(
    "cash.counted",
    _("Cash counted"),
    _("{actor} counted {counted} of {recorder}, as recorded."),
    sees=SEES,
    topics=("payment",),
)
CASH_DIFFERS = Event(
    "cash.differs",
    _("Cash differs"),
    _("{actor} counted {counted} of {recorder}, where {recorded} was recorded: {reason}"),
    told=("payments.verify_second",),
    held_as=("pk",),
    told_as=("pk",),
    sees=SEES,
    priority="high",
)
REMINDED = Event(
    "payment.waits",
    _("Payments wait"),
    _("{count} payments have waited for a verifier for more than {hours} hours."),
    told=("payments.verify",),
    sees=SEES,
    priority="high",
    mail=True,
)
ESCALATED = Event(
    "payment.escalated",
    _("Payment waits too long"),
    _("Payment {subject} of {customer}, {amount}, has waited since {since}."),
    told=("payments.verify_second", "payments.policy"),
    held_as=("recorded_by_id",),
    sees=SEES,
    priority="urgent",
)
