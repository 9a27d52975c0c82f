"""Tables of those we do business with: customers with what belongs to them, and suppliers."""

from prs.masterdata.parties.models.customers import (
    Address,
    Contact,
    Customer,
    CustomerImport,
    CustomerTag,
    Distinct,
    Feedback,
    Merge,
    NamedCustomers,
    Note,
    Tag,
)
from prs.masterdata.parties.models.suppliers import Supplier

__all__ = [
    "Address",
    "Contact",
    "Customer",
    "CustomerImport",
    "CustomerTag",
    "Distinct",
    "Feedback",
    "Merge",
    "NamedCustomers",
    "Note",
    "Supplier",
    "Tag",
]
