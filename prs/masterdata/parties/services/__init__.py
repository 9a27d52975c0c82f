"""Writes of customers and suppliers. What callers outside need most stands here; the rest in its own module."""

from prs.masterdata.parties.services.customers import (
    CodeTaken,
    ImportedCustomer,
    PhoneWrong,
    SecondPhoneWrong,
    TaxNumberWrong,
    add,
    change,
    hand_over,
    seed_walk_in,
    set_credit,
    take_from_import,
)
from prs.masterdata.parties.services.feedback import ask_feedback
from prs.masterdata.parties.services.suppliers import (
    SupplierCodeTaken,
    SupplierNameTaken,
    add_supplier,
    change_supplier,
)

__all__ = [
    "CodeTaken",
    "ImportedCustomer",
    "PhoneWrong",
    "SecondPhoneWrong",
    "SupplierCodeTaken",
    "SupplierNameTaken",
    "TaxNumberWrong",
    "add",
    "add_supplier",
    "ask_feedback",
    "change",
    "change_supplier",
    "hand_over",
    "seed_walk_in",
    "set_credit",
    "take_from_import",
]
