"""What happens to customers and suppliers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

CUSTOMER_ADDED = Event(
    "customer.added",
    _("Customer added"),
    _("{actor} added the customer {subject}."),
    told=("deals.oversee",),
    held_as=("salesperson_id",),
    sees="customers.view",
)
# A file brings hundreds: whoever leads is told of the file.
CUSTOMER_BROUGHT = Event(
    "customer.brought",
    _("Customer imported"),
    _("{actor} added the customer {subject} from a file."),
    sees="customers.view",
)
CUSTOMER_CHANGED = Event(
    "customer.changed",
    _("Customer changed"),
    _("{actor} changed the customer {subject}."),
    sees="customers.view",
)
CUSTOMERS_HANDED_OVER = Event(
    "customer.handed_over",
    _("Customers handed over"),
    _("{actor} handed {count} customers of {subject} over to {successor}."),
    sees="customers.view",
)
CREDIT_CHANGED = Event(
    "customer.credit_changed",
    _("Credit changed"),
    _("{actor} changed the credit of {subject}."),
    told_as=("salesperson_id",),
    sees="customers.view",
)
CONTACT_ADDED = Event(
    "customer.contact_added",
    _("Contact added"),
    _("{actor} added the contact {contact}."),
    sees="customers.view",
)
CONTACT_CHANGED = Event(
    "customer.contact_changed",
    _("Contact changed"),
    _("{actor} changed the contact {contact}."),
    sees="customers.view",
)
CONTACT_REMOVED = Event(
    "customer.contact_removed",
    _("Contact removed"),
    _("{actor} removed the contact {contact}."),
    sees="customers.view",
)
ADDRESS_ADDED = Event(
    "customer.address_added",
    _("Address added"),
    _("{actor} added the address {address}."),
    sees="customers.view",
)
ADDRESS_CHANGED = Event(
    "customer.address_changed",
    _("Address changed"),
    _("{actor} changed the address {address}."),
    sees="customers.view",
)
ADDRESS_REMOVED = Event(
    "customer.address_removed",
    _("Address removed"),
    _("{actor} removed the address {address}."),
    sees="customers.view",
)
TAGGED = Event(
    "customer.tagged",
    _("Tag added"),
    _("{actor} added the tag {tag}."),
    sees="customers.view",
)
UNTAGGED = Event(
    "customer.untagged",
    _("Tag removed"),
    _("{actor} removed the tag {tag}."),
    sees="customers.view",
)
NOTED = Event(
    "customer.noted",
    _("Note added"),
    _("{actor} wrote a note: {note}"),
    sees="customers.view",
)
MERGED = Event(
    "customer.merged",
    _("Customers merged"),
    _("{actor} merged {other} into {subject}."),
    told_as=("salesperson_id",),
    sees="customers.view",
)
UNMERGED = Event(
    "customer.unmerged",
    _("Merge undone"),
    _("{actor} took {other} out of {subject} again."),
    told_as=("salesperson_id",),
    sees="customers.view",
)
TOLD_APART = Event(
    "customer.told_apart",
    _("Customers told apart"),
    _("{actor} noted that {subject} and {other} are not the same."),
    sees="customers.view",
)
FEEDBACK_ASKED = Event(
    "customer.feedback_asked",
    _("Feedback asked for"),
    _("{actor} asked {subject} how content they are."),
    sees="customers.view",
)
FEEDBACK_ANSWERED = Event(
    "customer.feedback_answered",
    _("Feedback answered"),
    _("{subject} answered how content they are: {score}. {comment}"),
    told_as=("salesperson_id",),
    sees="customers.view",
)
IMPORT_STARTED = Event(
    "customer.import_started",
    _("Import of customers begun"),
    _("{actor} brought the file {file} of customers."),
    sees="customers.view",
)
IMPORT_FINISHED = Event(
    "customer.import_finished",
    _("Customers imported"),
    _("{actor} imported customers from {file}: {added} added, {changed} changed."),
    told=("customers.import",),
    sees="customers.view",
)
SUPPLIER_ADDED = Event(
    "supplier.added",
    _("Supplier added"),
    _("{actor} added the supplier {subject}."),
    sees="suppliers.view",
)
SUPPLIER_CHANGED = Event(
    "supplier.changed",
    _("Supplier changed"),
    _("{actor} changed the supplier {subject}."),
    sees="suppliers.view",
)
